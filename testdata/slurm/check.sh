#!/usr/bin/env bash
# Runs a sweep of eight shards on a real Slurm and disturbs it: a task is told to
# make room, a task is cancelled, a node goes down, and what was cancelled is sent
# again. The merged results must have the digest of the same sweep on one machine.
#
#   testdata/slurm/check.sh [MODSPEC]
#
# MODSPEC is a built program (default: it is built here). Needs the programs of
# Debian's slurm-wlm and munge, and ends every daemon that it starts. One to three
# minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=testdata/slurm/cluster.sh
source "$here/cluster.sh"

for program in slurmctld slurmd sbatch squeue scontrol scancel sinfo munged; do
  command -v "$program" >/dev/null || {
    echo "$program is missing: apt-get install slurm-wlm munge" >&2
    exit 1
  }
done
# Nothing of a cluster that this machine may belong to.
while read -r name; do unset "$name"; done < <(compgen -v | grep -E '^(SLURM|SBATCH|SQUEUE|SACCT|SCANCEL|SINFO)_' || true)

scratch=$(mktemp -d)
shards=8
began=$SECONDS
# Of all together, and many times what they take: no step has a time of its own, so
# that how busy the machine is decides nothing.
limit=$((began + 1800))

leave() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0)); then
    echo "FAILED; the queue, the status and the logs:" >&2
    timeout 20 squeue --array --states=all >&2 || true
    "$modspec" sweep status "$dir" >&2 || true
    tail -n 20 "$dir"/logs/* "$scratch"/cluster/*.log >&2 || true
  fi
  stop_cluster "$scratch/cluster"
  rm -rf "$scratch"
  exit "$status"
}
trap leave EXIT
trap 'exit 1' INT TERM

say() { printf '%4d s  %s\n' $((SECONDS - began)) "$*"; }

fail() {
  echo "check.sh: $*" >&2
  exit 1
}

wait_for() { # WHAT COMMAND...: until the command succeeds
  local what=$1
  shift
  until "$@"; do
    ((SECONDS < limit)) || fail "waited in vain: $what"
    sleep 0.3
  done
}

modspec=${1:-$scratch/modspec}
[[ -n ${1:-} ]] || (cd "$here/../.." && go build -o "$scratch/modspec" ./cmd/modspec)
modspec=$(realpath "$modspec")

# A name that breaks whatever is not quoted.
dir="$scratch/results \"of\" it's \$HOME; a \`b\` &
ü"

say "one machine"
"$modspec" sweep run "$here/sweep.yaml" --out "$scratch/whole" 2>/dev/null
want=$("$modspec" sweep digest "$scratch/whole")

say "a Slurm of two nodes"
start_cluster "$scratch/cluster" "$limit"

"$modspec" sweep submit "$here/sweep.yaml" --out "$dir" --slurm --array $shards --dry-run -- --comment='a "b" \ #c' >"$scratch/dry-run"
[[ ! -e $dir ]] || fail "a dry run made the folder"
grep -q "^#SBATCH --array=1-$shards$" "$scratch/dry-run" || fail "the dry run shows no array of $shards"

say "$shards shards submitted"
submitted=$("$modspec" sweep submit "$here/sweep.yaml" --out "$dir" --slurm --array $shards -- --comment='a "b" \ #c')
job=$(sed -n 's/^array job \([0-9]*\), merge job \([0-9]*\).*/\1/p' <<<"$submitted")
merge=$(sed -n 's/^array job \([0-9]*\), merge job \([0-9]*\).*/\2/p' <<<"$submitted")
[[ -n $job && -n $merge ]] || fail "submit said: $submitted"
grep -qF 'Comment=a "b" \ #c' <<<"$(scontrol show job "${job}_$shards")" || fail "sbatch read the comment as something else"
if "$modspec" sweep submit "$here/sweep.yaml" --out "$dir" --slurm --array $shards 2>/dev/null; then
  fail "the folder was submitted twice"
fi

task_state() { squeue --noheader --array --states=all --jobs="$job" --format='%K %T' 2>/dev/null | awk -v task="$1" '$1 == task { print $2 }'; }
running() { squeue --noheader --array --states=running --jobs="$job" --format=%K 2>/dev/null; }
trains() { # TASK: a copy of its shard is finished, for which a part was begun, and others are not
  [[ -n $(compgen -G "$scratch/results*/shards/$(printf '%04d-of-%04d' "$1" "$shards")/runs/.part-*") ]]
}
log() { echo "$dir/logs/${job}_$1.out"; }
status_says() { grep -qE "$1" <<<"$("$modspec" sweep status "$dir")"; }
idle() { # every job has ended
  local states
  states=$(squeue --noheader --array --states=all --format=%T) || return 1
  ! grep -qEv '^(COMPLETED|CANCELLED|FAILED|NODE_FAIL|TIMEOUT)$' <<<"$states"
}

# Told to make room, as before the time limit or a preemption: the task keeps what
# is finished and puts itself back into the queue.
wait_for "task 1 trains" trains 1
status_says '^shards running +[12]$' || fail "the status shows no shard running"
status_says '^shards waiting +[4-7]$' || fail "the status shows no shards waiting"
say "task 1 is told to make room"
timeout 3 scancel --signal=TERM --batch "${job}_1" || true # it may wait for the task to run again
wait_for "task 1 requeues itself" grep -q "back in the queue" "$(log 1)"
grep -qE 'holds [1-9][0-9]* of [0-9]+ copies, and the same command goes on' "$(log 1)" || fail "task 1 kept nothing: $(cat "$(log 1)")"

# Killed outright: nothing of the shard is left but what its journal has, and
# nobody sends it again by himself.
another() { killed=$(running | grep -vx 1 | tail -n 1) && [[ -n $killed ]]; }
wait_for "another task runs" another
wait_for "task $killed trains" trains "$killed"
say "task $killed is cancelled"
scancel "${job}_$killed"
cancelled() { [[ $(task_state "$killed") == CANCELLED ]]; }
wait_for "task $killed is cancelled" cancelled
if grep -q "back in the queue" "$(log "$killed")"; then fail "a cancelled task requeued itself"; fi
wait_for "the status shows it failed" status_says '^shards failed +1$'
status_says "^$killed/$shards +failed .*CANCELLED" || fail "the status does not say what happened to shard $killed: $("$modspec" sweep status "$dir")"

say "what is missing is sent again"
again=$("$modspec" sweep resubmit "$dir")
[[ $again == "shards $killed sent; array job "* ]] || fail "resubmit said: $again"
again=$("$modspec" sweep resubmit "$dir")
[[ $again == "nothing is missing that is not on its way; "* ]] || fail "resubmit sent something twice: $again"

# A node goes down under its task: Slurm requeues the task by itself.
on_n2() { [[ $(squeue --noheader --array --states=running --nodelist=n2 --format='%F_%K') == *_* ]]; }
wait_for "a task runs on n2" on_n2
lost=$(squeue --noheader --array --states=running --nodelist=n2 --format='%F_%K' | head -n 1)
sleep 1
say "node n2 goes down under task $lost"
scontrol update nodename=n2 state=down reason=check
requeued() { [[ $(squeue --noheader --array --states=running --jobs="$lost" --format=%N) != n2 ]]; }
wait_for "Slurm takes task $lost from the node" requeued
sleep 2
scontrol update nodename=n2 state=resume

wait_for "the array and both merges end" idle
say "every job has ended"
status_says '^state +done$' || fail "the status is not done"
grep -q '"state":"done"' <<<"$("$modspec" sweep status "$dir" --json)" || fail "the status in JSON is not done"
[[ $("$modspec" sweep resubmit "$dir") == "nothing is missing that is not on its way" ]] || fail "resubmit finds something missing in a sweep that is done"

[[ -s $dir/report/report.html && -s $dir/report/report.md ]] || fail "the merge wrote no report"

# What task 1 kept was not trained again.
first=$(sed -n 's/^\([0-9,]*\) copies in .*/\1/p' "$(log 1)" | tr -d , | paste -sd+)
[[ $((first)) == 120 ]] || fail "task 1 trained $first copies in its turns, not 120 in all: $(cat "$(log 1)")"

got=$("$modspec" sweep digest "$dir")
echo "one machine  $want"
echo "the cluster  $got"
[[ $got == "$want" ]] || fail "the digests differ"
say "they are equal"
