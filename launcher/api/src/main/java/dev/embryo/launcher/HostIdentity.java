package dev.embryo.launcher;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who a program is on the host.
 *
 * @param groups its supplementary groups; empty if they are the launcher's, which an ordinary user cannot drop
 * @param leased a user that was taken for this one program, and is to be given back
 */
record HostIdentity(int user, int group, Optional<List<Integer>> groups, OptionalInt leased) {}
