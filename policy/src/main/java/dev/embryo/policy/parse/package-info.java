/**
 * The text of a policy, read strictly: bytes in, a {@link dev.embryo.policy.model.Policy} out, or every error with
 * its file, line and column.
 *
 * <p>{@link dev.embryo.policy.parse.PolicyParser} is the only entry for the text of a policy. It opens no file, so it can be
 * given exactly the bytes whose signature was checked. {@link dev.embryo.policy.parse.CloudabiReader} takes a configuration of
 * cloudabi-run, puts the tree of a policy in the place of its tree, and does the same with that. The work is done in four steps, each a function of the one before:
 *
 * <pre>
 * bytes --SourceText--> characters --TreeReader--> Tree --SchemaReader--> Values --PolicyTemplate.bind--> Policy
 *        UTF-8, size,               YAML, without         each key by its        what a launch adds;
 *        printable                  its indirections      row of the table       all checked before
 * </pre>
 *
 * <p>What the language knows stands in tables, and the steps only interpret them: {@code KeyTable} has a row for each
 * key, {@code Kind} one for each kind of capability, {@code RightsRule} one for the rights of each.
 *
 * <h2>The grammar</h2>
 *
 * <p>YAML 1.2, one document, UTF-8, at most 1 MiB, at most 16 levels deep; no anchors, aliases, merge keys or
 * directives, and no tags but among the structured arguments. The table says which type each key takes, and no value changes its meaning by the way it happens to be
 * written:
 *
 * <pre>
 * text      any scalar. A plain scalar that YAML would read as a number or a boolean stands for its own characters:
 *           {@code program.arguments: [1.10, true]} are the strings "1.10" and "true". A plain {@code null}, {@code ~} or
 *           nothing is never a text; quoted, it is.
 * template  text in which <code>${name}</code> is a parameter; in front of a brace <code>$$</code> is a dollar
 * number    0 | [1-9][0-9]*, plain, never quoted; no signs, octal, hexadecimal or exponents
 * flag      true | false, plain, never quoted
 * size      number [ KiB | MiB | GiB ], bytes when there is no unit
 * time      number ( ms | s | m | h )
 * word      one of those that the key's row lists
 * host path text without control characters; relative to the policy file; normalised lexically; neither
 *           {@code ~} nor globs are expanded
 * view path text without control characters; absolute and normalised as it stands
 * rights    right | [ right, ... ] | all
 * tree      the structured arguments: any YAML, of which a plain scalar is what the core schema of YAML 1.2 takes it for
 * </pre>
 */
@NullMarked
package dev.embryo.policy.parse;

import org.jspecify.annotations.NullMarked;
