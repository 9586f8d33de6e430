package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The companion and the member that keep a program on a terminal company, see {@link JobControl}. Their messages are on
 * their way before they exist, and they end when this is closed, with the sandbox, or with this JVM.
 *
 * <p>Used by one thread until the birth is over; thread-safe from then on. A program may be able to stop or kill them
 * (before Landlock ABI 6): then no request has an effect any more.
 */
public final class Company implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Company.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final ControlSocket companion;
  private final ControlSocket member;
  private final List<BirthProgram> companionPrograms = new ArrayList<>(); // until the birth is over, by the thread that makes it
  private final BirthProgram memberProgram;
  private final Fd companionEnd; // theirs, until they are born
  private final Fd memberEnd;
  private final Fd line;
  private boolean lost; // guarded by this

  private Company(JobControl plan, FdPair companion, FdPair member, Fd line) {
    this.companion = new ControlSocket(companion.first());
    this.member = new ControlSocket(member.first());
    companionEnd = companion.second();
    memberEnd = member.second();
    memberProgram = plan.member();
    this.line = line;
  }

  /**
   * Sends both what they will do.
   *
   * @param terminal the terminal that will be the program's controlling terminal
   * @param inBackground whether the program begins in its background
   */
  public static Company post(JobControl plan, Fd terminal, boolean inBackground) throws IOException {
    FdPair companion = FdPair.packets();
    FdPair member = null;
    FdPair line = null;
    try {
      member = FdPair.packets();
      line = FdPair.packets();
      var company = new Company(plan, companion, member, line.first());
      int ready = line.second().number();
      company.post(plan.companion(), member.second().number());
      if (inBackground) {
        company.post(JobControl.PROGRAM_TO_BACKGROUND, terminal.number());
      }
      company.post(JobControl.TELL, ready);
      company.member.send(plan.member(), new int[] {ready});
      line.second().close(); // so that the embryo learns it when one of them dies
      return company;
    } catch (IOException failure) {
      companion.close();
      if (member != null) {
        member.close();
      }
      if (line != null) {
        line.close();
      }
      throw failure;
    }
  }

  private void post(BirthProgram program, int descriptor) throws IOException {
    companion.send(program, new int[] {descriptor});
    companionPrograms.add(program);
  }

  /** Supplies what a birth with {@link JobControl#addTo} needs, but for the terminal. */
  public void supply(Supplies supplies) {
    supplies.descriptor(JobControl.COMPANION_CONTROL, companionEnd).descriptor(JobControl.COMPANY, line);
  }

  /**
   * The birth is over, either way: takes what they have to say of their part.
   *
   * @throws BirthException if one of them failed, which is why the embryo did
   */
  public void born() throws IOException {
    companionEnd.close();
    memberEnd.close();
    line.close();
    for (BirthProgram program : companionPrograms) {
      requireDone(companion.receive(), program);
    }
    requireDone(member.receive(), memberProgram);
  }

  private static void requireDone(Optional<Reply> reply, BirthProgram program) throws IOException {
    if (reply.isPresent()) {
      reply.get().orThrow(program);
    }
  }

  /**
   * Puts the program's process group into the foreground of its terminal, or into the background; returns when that is so, or
   * cannot be had any more.
   */
  public synchronized void foreground(boolean program, Fd terminal) {
    if (lost) {
      return;
    }
    var request = program ? JobControl.PROGRAM_TO_FOREGROUND : JobControl.PROGRAM_TO_BACKGROUND;
    try {
      companion.send(request, new int[] {terminal.number()});
      companion.receiveReply("the companion", PATIENCE).orThrow(request);
    } catch (BirthException refusal) {
      LOG.log(Level.DEBUG, "the program has left its terminal", refusal);
    } catch (IOException failure) {
      lost = true;
      LOG.log(Level.DEBUG, "the company is gone", failure);
    }
  }

  @Override
  public synchronized void close() {
    companion.close();
    member.close();
    companionEnd.close();
    memberEnd.close();
    line.close();
  }
}
