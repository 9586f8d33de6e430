package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Reactor;
import dev.embryo.runtime.linux.Libc;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After each test this JVM has the descriptors and the children that it had before. */
public final class NothingLeftBehind implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(NothingLeftBehind.class);

  private record State(Map<Integer, String> descriptors, Set<Integer> children) {
    static State now() throws IOException {
      return new State(Proc.ownDescriptors(), Proc.children(Libc.getpid()));
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    FileChannel.open(Path.of("/dev/null")).close(); // the JDK makes a socket for its channels and keeps it
    Reactor.shared();
    Zygote.shared().embryo(Set.of()).close(); // what is shared is started
    context.getStore(STORE).put(State.class, State.now());
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    var before = context.getStore(STORE).get(State.class, State.class);
    try {
      Eventually.holds("everything is as before", () -> State.now().equals(before));
    } catch (AssertionError difference) {
      throw new AssertionError("before: " + before + "\nafter: " + State.now(), difference);
    }
  }
}
