package dev.embryo.samples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.nio.file.Files;

/** The arrows between packages run one way, and what only one package may use is used by no other. */
@AnalyzeClasses(packages = "dev.embryo", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

  /** A package that stands nowhere in this list breaks the rule too: a new one gets its place on purpose. */
  @ArchTest
  static final ArchRule aLayerUsesOnlyLayersBelowIt =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("launcher").definedBy("dev.embryo.launcher..")
          .layer("client").definedBy("dev.embryo.client..")
          .layer("explain").definedBy("dev.embryo.policy.explain..")
          .layer("compile").definedBy("dev.embryo.policy.compile..")
          .layer("rights").definedBy("dev.embryo.policy.rights..")
          .layer("resolve").definedBy("dev.embryo.policy.resolve..")
          .layer("parse").definedBy("dev.embryo.policy.parse..")
          .layer("model").definedBy("dev.embryo.policy.model..")
          .layer("survey").definedBy("dev.embryo.runtime.survey..")
          .layer("process").definedBy("dev.embryo.runtime.process..")
          .layer("birth").definedBy("dev.embryo.runtime.birth..")
          .layer("mechanisms").definedBy(
              "dev.embryo.runtime.seccomp..", "dev.embryo.runtime.landlock..", "dev.embryo.runtime.fd..",
              "dev.embryo.runtime.elf..", "dev.embryo.runtime.host..")
          .layer("linux").definedBy("dev.embryo.runtime.linux..")
          .ensureAllClassesAreContainedInArchitectureIgnoring("dev.embryo.samples..")

          .whereLayer("launcher").mayNotBeAccessedByAnyLayer()
          .whereLayer("client").mayNotBeAccessedByAnyLayer() // it is for programs inside; what they are passed is all it knows
          .whereLayer("client").mayNotAccessAnyLayer()
          .whereLayer("explain").mayOnlyAccessLayers(
              "compile", "resolve", "rights", "model", "birth", "mechanisms", "linux")
          // Of resolve, compile sees the values that it hands over; that compile touches no file is a rule below.
          .whereLayer("compile").mayOnlyAccessLayers("resolve", "rights", "model", "birth", "mechanisms", "linux")
          .whereLayer("resolve").mayOnlyAccessLayers("model", "mechanisms", "linux")
          .whereLayer("rights").mayOnlyAccessLayers("model", "mechanisms", "linux")
          .whereLayer("parse").mayOnlyAccessLayers("model")
          .whereLayer("model").mayNotAccessAnyLayer()
          .whereLayer("survey").mayOnlyAccessLayers("process", "birth", "mechanisms", "linux")
          .whereLayer("process").mayOnlyAccessLayers("birth", "mechanisms", "linux")
          .whereLayer("birth").mayOnlyAccessLayers("mechanisms", "linux")
          .whereLayer("mechanisms").mayOnlyAccessLayers("linux")
          .whereLayer("linux").mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching("dev.embryo.(**)").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTheLinuxPackageCallsNativeCode =
      noClasses().that().resideOutsideOfPackage("dev.embryo.runtime.linux..")
          .should().dependOnClassesThat().resideInAPackage("com.sun.jna..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTheParserReadsYaml =
      noClasses().that().resideOutsideOfPackage("dev.embryo.policy.parse..")
          .should().dependOnClassesThat().resideInAPackage("org.snakeyaml..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTheCommandLineUsesPicocli =
      noClasses().that().resideOutsideOfPackages("dev.embryo.launcher.cli..", "dev.embryo.launcher.bench..")
          .should().dependOnClassesThat().resideInAPackage("picocli..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule compilingTouchesNoFile =
      noClasses().that().resideInAPackage("dev.embryo.policy.compile..")
          .should().dependOnClassesThat().belongToAnyOf(Files.class, File.class)
          .orShould().dependOnClassesThat().haveNameMatching("java\\.io\\.File.*Stream|java\\.io\\.RandomAccessFile")
          .allowEmptyShould(true);
}
