package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/kind/linear"
	"modspec/engine/machine"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/serve/explorer"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
)

// serveFlags are the flags of modspec serve.
type serveFlags struct {
	addr   string
	token  bool
	hosts  []string
	memory int
	open   bool
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve DIR",
		Short: "Show a folder of results as a live page in the browser",
		Long: `Show a folder of results as a page on this machine: sweeps, finished or still
running, as phase diagrams with the trajectories behind every cell; claims and
figures of a reproduction; and an explorer that draws theory for any network
and trains it on the spot. Nothing is written into the folder.

The page listens on this machine alone. With an --addr that others can reach it
demands a token, which stands in the address that is printed; --token demands
it here too, where other people have accounts. Ctrl-C ends it.`,
		Example: `  modspec serve first
  modspec serve results --addr 127.0.0.1:9000 --open
  modspec serve results --addr 0.0.0.0:8080 --host cluster.example.org`,
		Args: oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address to listen on, host:port; port 0 takes a free one")
	flags.BoolVar(&f.token, "token", false, "demand a token on this machine too")
	flags.StringSliceVar(&f.hosts, "host", nil, "further name that browsers reach the page by; may be repeated")
	numberVar(flags, &f.memory, "memory", 0, "MiB of columns that are kept in memory (default: 1024, or a quarter of what is free)")
	flags.BoolVar(&f.open, "open", false, "open the page in the browser")
	return cmd
}

func (f *serveFlags) run(cmd *cobra.Command, dir string) error {
	const least, most = 16, 1 << 20
	if f.memory == 0 {
		f.memory = 1024
		if room, err := machine.Memory(); err == nil {
			f.memory = int(max(least, min(uint64(f.memory), room.Free>>22)))
		}
	}
	if f.memory < least || f.memory > most {
		return badInput(fmt.Errorf("--memory is %d, but must be %d to %d MiB, or 0 for 1024 or a quarter of what is free", f.memory, least, most))
	}
	trains := backendFlags{backend: "cpu", threads: 1}
	build := results.NewProvenance("", "", nil, time.Now())
	server, err := serve.New(serve.Options{
		Dir: dir, Addr: f.addr, DemandToken: f.token, Hosts: f.hosts,
		Status:   sweepStatus,
		Networks: &explorer.Explorer{Open: func() (linear.Backend, error) { return trains.open("float64") }},
		Version:  build.Version, Commit: build.Commit,
		Memory: int64(f.memory) << 20, Workers: runtime.GOMAXPROCS(0),
	})
	if err != nil {
		return badInput(err)
	}
	defer server.Close()
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return badInput(fmt.Errorf("cannot listen on %s: %w; choose another --addr", f.addr, listenReason(err)))
	}
	page := server.URL(listener.Addr())
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", page); err != nil {
		return err // the address is not known
	}
	if server.NeedsToken() {
		fmt.Fprintln(cmd.ErrOrStderr(), "modspec: anybody who has this address can read the results; the connection is not encrypted, so do not use it over an untrusted network")
	}
	if f.open {
		openPage(cmd.ErrOrStderr(), page)
	}
	return server.Serve(cmd.Context(), listener) // Ctrl-C is how it ends, and no failure
}

// listenReason returns what the system said, without the address that the message
// around it names already.
func listenReason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// sweepStatus returns the progress of the sweep in a folder, as the page shows it.
func sweepStatus(dir string) (serve.Status, error) {
	s, err := store.ReadStatus(dir)
	if err != nil {
		return serve.Status{}, err
	}
	shard, err := space.ParseShard(s.Shard)
	if err != nil {
		return serve.Status{}, fmt.Errorf("the journal's shard %w", err)
	}
	return serve.Status{
		Name: s.Name, State: s.State, Process: s.Process, Reason: s.Reason,
		Copies: s.Copies, Done: s.Done, Diverged: s.Diverged, Failed: s.Failed,
		Shard: s.Shard, Target: shard.Of(s.Copies), NetworkSteps: s.NetworkSteps,
		Began: s.Began, Last: s.Last, Backend: s.Backend, Precision: s.Precision, Fingerprint: s.Fingerprint, Text: s.Text,
		Parts: s.Parts, Bytes: s.Bytes, Problems: s.Problems, Processes: s.Processes,
	}, nil
}

// openPage opens an address in the browser, or says that it could not.
func openPage(w io.Writer, page string) {
	command := []string{"xdg-open", page}
	switch runtime.GOOS {
	case "darwin":
		command[0] = "open"
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", page}
	}
	browser := exec.Command(command[0], command[1:]...)
	if err := browser.Start(); err != nil {
		fmt.Fprintf(w, "modspec: no browser could be opened: %v; open the address above yourself\n", err)
		return
	}
	go browser.Wait()
}
