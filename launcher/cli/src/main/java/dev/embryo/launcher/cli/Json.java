package dev.embryo.launcher.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;

/**
 * What a command says to machines: one JSON value in ASCII, so that no locale can spoil it, and a line's end. Made of maps,
 * lists, texts, whole numbers and booleans; a map is written in its order. Stateless. The only class that knows Jackson, so
 * that a command that is not asked for JSON does not load it.
 */
final class Json {
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(JsonWriteFeature.ESCAPE_NON_ASCII).disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private Json() {}

  /**
   * Prints a value.
   *
   * @throws IllegalArgumentException if there is something else in it
   */
  static void print(PrintWriter out, Object value) throws IOException {
    try (var generator = FACTORY.createGenerator(out).useDefaultPrettyPrinter()) {
      write(generator, value);
    }
    out.println();
    out.flush();
  }

  private static void write(JsonGenerator generator, Object value) throws IOException {
    if (value instanceof Map<?, ?> object) {
      generator.writeStartObject();
      for (var member : object.entrySet()) {
        generator.writeFieldName((String) member.getKey());
        write(generator, member.getValue());
      }
      generator.writeEndObject();
    } else if (value instanceof Iterable<?> elements) {
      generator.writeStartArray();
      for (Object element : elements) {
        write(generator, element);
      }
      generator.writeEndArray();
    } else if (value instanceof String text) {
      generator.writeString(text);
    } else if (value instanceof Integer || value instanceof Long) {
      generator.writeNumber(((Number) value).longValue());
    } else if (value instanceof Boolean truth) {
      generator.writeBoolean(truth);
    } else {
      throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }
}
