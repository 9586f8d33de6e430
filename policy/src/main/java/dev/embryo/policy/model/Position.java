package dev.embryo.policy.model;

/**
 * A place in the text of a policy.
 *
 * @param file the name of the policy file, as the person who named it wrote it
 * @param line the line, counted from 1
 * @param column the column in characters (Unicode code points), counted from 1
 */
public record Position(String file, int line, int column) implements Comparable<Position> {

  /** Orders by line, then by column: the order in which a person meets the places. */
  @Override
  public int compareTo(Position other) {
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : Integer.compare(column, other.column);
  }

  /** {@code FILE:LINE:COLUMN}, the form that editors and terminals turn into a link. */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
