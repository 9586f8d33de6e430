# The class archive, with which the command starts in half the time. Sourced behind common.sh. POSIX sh.
#
# A JVM takes classes from its archive instead of the jars, unseen. Whoever can write to an archive can therefore do
# whatever we can: one is used only if it is our own file in our own folder, and nobody but us and root can write to it or
# to any folder above. The first run makes it. Where that fails, the command runs without one.

# find_archive: sets archive to where the archive of this JVM for this installation is or will be, folder to the folder
# around it, and outdated to what the names of archives of earlier builds begin with; archive is empty if there is to be none.
find_archive() {
  archive=
  [ -r "$lib/build" ] && read -r build <"$lib/build" || return 0
  if [ -n "${EMBRYO_CACHE+set}" ]; then
    folder=$EMBRYO_CACHE
  elif [ -O / ]; then
    folder=/var/cache/embryo # root's: under sudo, HOME may still be another's
  else
    folder=${XDG_CACHE_HOME:-${HOME:-}/.cache}/embryo
  fi
  case $folder in
    /*) ;;
    *) return 0 ;;
  esac
  folder=$(umask 077 && { [ -d "$folder" ] || mkdir -p -- "$folder"; } && cd -P -- "$folder" && pwd -P) 2>/dev/null ||
    return 0
  place=$lib!$java_home!
  while [ "$place" != "${place#*/}" ]; do
    place=${place%%/*}!${place#*/}
  done
  if [ ${#place} -gt 100 ]; then
    place=$(printf %s "$place" | sha256sum)
    place=${place%% *}!
  fi
  outdated=$folder/$place
  archive=$outdated$java_version!$build
}

# only_ours FOLDER [FILE]: are they ours, and can nobody but us and root write to them, or replace a folder above?
only_ours() {
  strict=$# above=$1
  for path; do
    [ -O "$path" ] || return 1
  done
  while above=${above%/*} && [ -n "$above" ]; do
    set -- "$@" "$above"
  done
  # A link is none of ours: it has mode 777, and stat does not follow it.
  facts=$(stat -c '%u %a' -- "$@" / 2>/dev/null) || return 1
  set -- $facts
  ours=$1
  while [ $# -gt 0 ]; do
    [ "$1" = 0 ] || [ "$1" = "$ours" ] || return 1
    case $strict$2 in
      0[1357]???) ;; # sticky, as /tmp: what is ours in it, others can neither rename nor remove
      *[2367]? | *[2367]) return 1 ;;
    esac
    [ $strict = 0 ] || strict=$((strict - 1))
    shift 2
  done
}

# make_archive: of two that make it, the last one's stays. An empty one says that it cannot be made.
make_archive() (
  umask 077
  only_ours "$folder" || exit
  making=$(mktemp -d -- "$folder/making.XXXXXXXX") || exit
  trap 'rm -rf -- "$making"' EXIT
  trap 'exit 1' HUP INT TERM
  if [ "${java_version%%[!0-9]*}" -ge 25 ]; then
    archive_flag=-XX:AOTCacheOutput=$making/archive
  else
    archive_flag=-XX:ArchiveClassesAtExit=$making/archive
  fi
  # What a JVM leaves that did not come to its end may be half an archive.
  (launch "$class_path" dev.embryo.launcher.cli.Rehearsal "$lib/rehearsal.yaml") </dev/null >/dev/null && [ -s "$making/archive" ] ||
    : >"$making/archive"
  rm -f -- "$outdated"*
  mv -f -- "$making/archive" "$archive"
) 2>/dev/null

# use_archive CLASS-PATH: sets archive_flag to what makes the JVM use the archive, if there is one.
use_archive() {
  class_path=$1
  find_archive
  [ -n "$archive" ] || return 0
  [ -e "$archive" ] || make_archive || :
  if [ -s "$archive" ] && only_ours "$folder" "$archive"; then
    archive_flag=-XX:SharedArchiveFile=$archive
    if [ "${java_version%%[!0-9]*}" -ge 25 ]; then
      archive_flag=-XX:AOTCache=$archive
      archive_log='-Xlog:aot*=off:stderr' # one that is broken is not used, and that is all
    fi
  fi
}
