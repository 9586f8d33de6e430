import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/** Counts words in eight threads, often enough for the compiler to find them hot. */
class Words {
  public static void main(String[] arguments) throws Exception {
    String text = Files.readString(Path.of(arguments[0]));
    var pool = Executors.newFixedThreadPool(8);
    var tasks = new ArrayList<Callable<Long>>();
    for (int i = 0; i < 8; i++) {
      tasks.add(() -> count(text));
    }
    long sum = 0;
    for (var count : pool.invokeAll(tasks)) {
      sum += count.get();
    }
    pool.shutdown();
    System.out.println(sum / 8 + " words, counted by Java " + Runtime.version().feature());
  }

  private static long count(String text) {
    long count = 0;
    for (int round = 0; round < 5000; round++) {
      count = text.lines().mapToLong(line -> line.isBlank() ? 0 : line.strip().split("\\s+").length).sum();
    }
    return count;
  }
}
