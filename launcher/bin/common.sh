# What the commands in this folder share: finding what they run, and building a checkout that is not built.
# Each sets `self`, the real path of its own file, and sources this one. POSIX sh.

command_name=${self##*/}
home=${self%/*/*}
if [ -f "$home/../pom.xml" ]; then
  checkout=${home%/*}
  lib=$home/dist/target/lib
  built=$home/dist/target/built
else
  checkout=
  lib=$home/lib
fi

say() { printf 'embryo: %s\n' "$*" >&2; }
fail() { say "$@"; exit 125; }

# --- What the machine must have -------------------------------------------------------------------------------------

# is_java HOME PROGRAM: is this Java 17 or later, with that program? Sets java_version, such as 17.0.15+6-Debian-1. Reads a
# file, since starting a JVM costs 40 ms.
is_java() {
  [ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return 1
  java_version=
  while IFS='="' read -r key _ version _; do
    case $key in
      JAVA_RUNTIME_VERSION) java_version=$version ;;
      JAVA_VERSION)
        java_version=${java_version:-$version}
        version=${version%%[!0-9]*}
        [ "${version:-0}" -ge 17 ]
        return
        ;;
    esac
  done <"$1/release"
  return 1
}

# find_java PROGRAM: sets java_home and java_version.
find_java() {
  java_home=${JAVA_HOME:-}
  [ -z "$java_home" ] || ! is_java "$java_home" "$1" || return 0
  if on_path=$(command -v "$1"); then
    on_path=$(readlink -f -- "$on_path")
    java_home=${on_path%/bin/"$1"}
    ! is_java "$java_home" "$1" || return 0
  fi
  for java_home in /usr/lib/jvm/*; do
    ! is_java "$java_home" "$1" || return 0
  done
  return 1
}

has_libseccomp() {
  for file in /usr/lib/*/libseccomp.so.2 /lib/*/libseccomp.so.2 /usr/lib64/libseccomp.so.2 /lib64/libseccomp.so.2 \
    /usr/lib/libseccomp.so.2 /usr/local/lib/libseccomp.so.2; do
    [ ! -e "$file" ] || return 0
  done
  PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q 'libseccomp\.so\.2'
}

# lack WHAT PACKAGE: notes something missing, and the Debian package that brings it.
lack() {
  lacking=${lacking:+$lacking, }$1
  packages=${packages:+$packages }$2
}

# check_needs run|build: sets lacking and packages, both empty when nothing is missing; and java_home.
check_needs() {
  lacking= packages=
  if [ "$1" = build ]; then
    command -v mvn >/dev/null || lack 'Maven (mvn)' maven
    command -v gcc >/dev/null || lack gcc gcc
    [ -e /usr/include/stdlib.h ] || lack 'the C library headers' libc6-dev
    find_java javac || lack 'a JDK, 17 or later' "$jdk_package"
  else
    find_java java || lack 'Java 17 or later' "$jre_package"
  fi
  has_libseccomp || lack libseccomp.so.2 libseccomp2
}
jdk_package=openjdk-17-jdk-headless
jre_package=openjdk-17-jre-headless

# install_packages: as root on Debian, in a checkout only: a package installed elsewhere is its owner's to install.
install_packages() {
  say "installing $packages (apt-get)..."
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  apt='apt-get -q -y -o DPkg::Lock::Timeout=300'
  $apt update </dev/null >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are there"
  if ! apt-cache show "$jdk_package" >/dev/null 2>&1; then
    packages=$(printf '%s\n' "$packages" | sed "s/$jdk_package/default-jdk-headless/")
  fi
  if ! $apt install --no-install-recommends $packages </dev/null >>"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "could not install $packages"
  fi
  rm -f "$log"
}

# require run|build
require() {
  check_needs "$1"
  [ -n "$lacking" ] || return 0
  if [ -n "$checkout" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    install_packages
    check_needs "$1"
    [ -n "$lacking" ] || return 0
  fi
  if command -v apt-get >/dev/null; then
    fail "lacks $lacking; try: sudo apt-get install $packages"
  fi
  fail "lacks $lacking"
}

# --- A checkout -----------------------------------------------------------------------------------------------------

# is_built: is there a build, and no source newer than it? One find; a folder counts, since a deletion dates it.
is_built() {
  [ -f "$built" ] || return 1
  newer=$(cd "$checkout" && find pom.xml */pom.xml */*/pom.xml */src/main */*/src/main */*/include samples/*/*.c \
    -newer launcher/dist/target/built -print -quit 2>/dev/null)
  [ -z "$newer" ]
}

# maven ARGUMENTS: Maven in the checkout, by the JDK that was found, without anything of ours on its standard input.
maven() (
  cd "$checkout" && JAVA_HOME=$java_home exec mvn -B "$@" </dev/null
)

# build: runs Maven, shows a line a module, and its errors if there are any.
build() {
  if [ -d "$lib" ]; then
    say 'building what changed...'
  else
    say 'building (first run only, about a minute)...'
  fi
  log=$checkout/target/build.log
  mkdir -p "$checkout/target"
  {
    maven package -Dmaven.test.skip=true 2>&1 && outcome=built || outcome=failed
    printf '\nembryo: %s\n' "$outcome"
  } | {
    outcome= downloading=
    while IFS= read -r line; do
      printf '%s\n' "$line"
      case $line in
        'embryo: '*) outcome=$line ;;
        *Downloading\ from*)
          [ -n "$downloading" ] || say '  downloading libraries and Maven plugins...'
          downloading=yes
          ;;
        '[INFO] Building '*']')
          line=${line#'[INFO] Building '}
          say "  ${line%% [0-9]*} ${line##* }"
          ;;
      esac
    done >"$log"
    [ "$outcome" = 'embryo: built' ]
  } && return
  rm -f "$built"
  grep '^\[ERROR\]' "$log" | head -n 10 >&2
  fail "the build failed; its log is $log"
}

# ensure_built: builds the checkout if need be; of two that find it unbuilt, one builds and the other waits.
ensure_built() {
  ! is_built || return 0
  if [ ! -w "$checkout" ] || { [ -e "$checkout/target" ] && [ ! -w "$checkout/target" ]; }; then
    [ -f "$built" ] || fail "$checkout is not built, and $(id -un) may not write to it: run launcher/bin/$command_name as its owner first"
    say "$checkout has changed since it was built, and $(id -un) may not write to it: running what was built"
    return 0
  fi
  require build
  (
    flock -n 8 || { say 'waiting for another run, which is building...' && flock 8; }
    is_built || build 8<&-
  ) 8<"$checkout/pom.xml" || exit
}

# --- Running --------------------------------------------------------------------------------------------------------

# What makes a command start soon; and a JVM says nothing but errors, which go where errors go: its standard output is the
# program's. A command whose JVM runs long sets java_flags to nothing.
java_flags='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr'
archive_flag= archive_log=

# launch CLASS-PATH MAIN-CLASS ARGUMENTS, behind "require run". JNA takes the first of its libraries that the machine can
# load. All others are found by their sonames, by the system's loader; naming a folder keeps JNA from running ldconfig to
# look for more.
launch() {
  ulimit -S -c 0 # Ctrl-\ ends the launcher: no one wants a core dump of a JVM. Programs have limits of their own.
  # Without the flag, later JDKs warn of native code; with it, earlier ones take 7 ms longer to begin.
  native_flag=
  [ "${java_version%%[!0-9]*}" -lt 22 ] || native_flag=--enable-native-access=ALL-UNNAMED
  class_path=$1
  main_class=$2
  shift 2
  exec "$java_home/bin/java" $java_flags $native_flag ${archive_flag:+"$archive_flag"} ${archive_log:+"$archive_log"} \
    -Djna.boot.library.path="$lib/x86_64:$lib/aarch64" -Djna.platform.library.path=/usr/lib \
    -cp "$class_path" "$main_class" "$@"
}
