#!/bin/sh
# Builds the required modules and runs a benchmark:
#
#   benchmarks/run.sh calls [JMH options]
#   benchmarks/run.sh re-encryption [rows [times]]
#   benchmarks/run.sh rotations [rounds]
#   benchmarks/run.sh start-up [times]
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
what=${1:-}
[ $# -eq 0 ] || shift
case $what in
  calls) main=dev.latchkey.benchmarks.Calls ;;
  re-encryption) main=dev.latchkey.benchmarks.ReEncryption ;;
  rotations) main=dev.latchkey.benchmarks.Rotations ;;
  start-up) main=dev.latchkey.benchmarks.StartUp ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

mvn -q -f "$root/pom.xml" -pl benchmarks -am -DskipTests \
  package dependency:build-classpath -Dmdep.outputFile=target/class-path
cd "$root/benchmarks"
exec java -cp "$PWD/target/classes:$(cat target/class-path)" "$main" "$@"
