/**
 * Birth programs: the system calls that an embryo executes on itself, as data.
 *
 * <p>A {@link dev.embryo.runtime.birth.BirthProgram} is a list of {@link dev.embryo.runtime.birth.Operation}s, a data
 * segment that their arguments point into, and the names of what a launch has to supply: descriptors and numbers. It is
 * built once ({@link dev.embryo.runtime.birth.BirthProgram.Builder}), is immutable, can be printed
 * ({@link dev.embryo.runtime.birth.Disassembler}) and is encoded into the message that the native stub executes. The
 * format is described at the top of {@code embryo.c}.
 *
 * <pre>
 * program   := operation* data
 * operation := (system call | pseudo-operation) operand{0,6} [tolerate errno] [store into data]
 * operand   := value | slot | address of data | result of an earlier operation | word of data | received descriptor
 * </pre>
 *
 * <p>A {@link dev.embryo.runtime.birth.BirthPlan} holds the programs of all the processes that take part in one birth.
 */
@NullMarked
package dev.embryo.runtime.birth;

import org.jspecify.annotations.NullMarked;
