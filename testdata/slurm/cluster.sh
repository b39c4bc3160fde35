# shellcheck shell=bash
#
# A small Slurm of its own on the loopback interface, to be sourced: two nodes of
# one core each, no accounting, everything in one folder, ports that are free. It
# leaves any Slurm that this machine has alone.
#
#   start_cluster FOLDER [LIMIT]   starts munged, slurmctld and two slurmd; sets SLURM_CONF;
#                                  gives up when SECONDS is beyond the limit (1800)
#   stop_cluster FOLDER            ends every job and every daemon that it started
#
# Needs the programs of Debian's slurm-wlm and munge.

free_port() { # a port of the loopback interface that nobody listens on
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo "no free port among a hundred" >&2
  return 1
}

start_cluster() {
  local folder=$1 user host
  user=$(id -un) host=$(uname -n)
  host=${host%%.*}
  mkdir -p "$folder"/{munge,state,spool.n1,spool.n2}
  chmod 711 "$folder" "$folder/munge"

  # Slurm's messages are signed by munge, with a key that only this cluster has.
  head -c 1024 /dev/urandom >"$folder/munge/key"
  chmod 600 "$folder/munge/key"
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"

  cat >"$folder/slurm.conf" <<CONF
ClusterName=modspec
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmUser=$user
SlurmdUser=$user

AuthType=auth/munge
# A job that is requeued waits until its credential has expired: seconds here, two
# minutes by default.
AuthInfo=socket=$folder/munge/socket,cred_expire=5

StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.%n.log

# Nothing that needs the machine's control groups, and no database.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none

SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# A cluster of two nodes can look at its queue at once and often.
SchedulerParameters=sched_interval=2,sched_min_interval=0,batch_sched_delay=0,bf_interval=2
KillWait=5
ReturnToService=0

NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
  # Else slurmd looks for the machine's control groups, and stops where it has none.
  echo 'CgroupPlugin=cgroup/v1' >"$folder/cgroup.conf"
  export SLURM_CONF=$folder/slurm.conf
  slurmctld -c
  slurmd -N n1
  slurmd -N n2
  until [[ $(sinfo --noheader --states=idle --format=%D 2>/dev/null) == 2 ]]; do
    if ((SECONDS > ${2:-1800})); then
      echo "the nodes did not come up; the logs say:" >&2
      tail -n 20 "$folder"/*.log >&2
      return 1
    fi
    sleep 0.2
  done
}

alive() { # whether a process is there, other than as a name that waits for its parent
  local state
  state=$(ps -o stat= -p "$1" 2>/dev/null) && [[ $state != Z* ]]
}

end_process() { # ends the process whose number is in a file, and waits for its end
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  for _ in {1..100}; do
    alive "$pid" || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

stop_cluster() {
  local folder=$1
  if [[ -e $folder/slurmctld.pid ]]; then
    # Jobs end before the daemons that would end them.
    timeout 20 scancel --user="$(id -un)" 2>/dev/null || true
    for _ in {1..100}; do
      [[ -n $(timeout 20 squeue --noheader 2>/dev/null) ]] || break
      sleep 0.2
    done
  fi
  end_process "$folder/slurmd.n1.pid"
  end_process "$folder/slurmd.n2.pid"
  end_process "$folder/slurmctld.pid"
  end_process "$folder/munge/pid"
}
