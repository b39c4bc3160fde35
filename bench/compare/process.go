package compare

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// ready is the line with which a contender says that it can be timed, or why not.
type ready struct {
	Missing string  `json:"missing"` // why it cannot run here
	Library string  `json:"library"` // name and version
	Copies  int     `json:"copies"`  // networks, or images, of a repetition
	Steps   int     `json:"steps"`   // their steps
	First   float64 `json:"first_seconds"`
	// Load and start of the whole process, from outside.
	Start float64 `json:"-"`
}

// A process is a contender at work.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  bytes.Buffer
	ready   ready
}

// start starts a contender and waits until it is ready to be timed, or says why it
// is not.
func start(ctx context.Context, program string, args, environment []string, threads int) (*process, error) {
	began := time.Now()
	p := &process{command: exec.CommandContext(ctx, program, args...)}
	p.command.Env = append(os.Environ(), environment...)
	p.command.Stderr = &p.errors
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	if err := startPinned(p.command, threads); err != nil {
		return nil, err
	}
	if err := p.read(&p.ready); err != nil {
		return nil, err
	}
	p.ready.Start = time.Since(began).Seconds()
	return p, nil
}

// read reads one line of JSON. A process that ends in place of it is an error with
// its last words.
func (p *process) read(into any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		p.in.Close()
		ended := p.command.Wait()
		words := strings.TrimSpace(p.errors.String())
		if at := strings.LastIndexByte(words, '\n'); at >= 0 {
			words = strings.TrimSpace(words[at+1:])
		}
		if words == "" {
			words = fmt.Sprint(ended)
		}
		return fmt.Errorf("it ended: %s", words)
	}
	if err := json.Unmarshal(line, into); err != nil {
		return fmt.Errorf("it said %q, which is no line of JSON", bytes.TrimSpace(line))
	}
	return nil
}

// run has the contender train once and returns the seconds that it took.
func (p *process) run() (float64, error) {
	if _, err := io.WriteString(p.in, "run\n"); err != nil {
		return 0, fmt.Errorf("it does not listen: %w", err)
	}
	var answer struct {
		Seconds float64 `json:"seconds"`
	}
	if err := p.read(&answer); err != nil {
		return 0, err
	}
	if !(answer.Seconds > 0) {
		return 0, fmt.Errorf("it says that a repetition took %v seconds", answer.Seconds)
	}
	return answer.Seconds, nil
}

// stop ends the contender and returns the most memory that it had, in bytes; 0 where
// the system does not say.
func (p *process) stop() uint64 {
	most := peakOf(p.command.Process.Pid)
	p.in.Close()
	// How it ends no longer matters: it has answered everything it was asked. A
	// process that does not end by itself is ended.
	timer := time.AfterFunc(5*time.Second, func() { p.command.Process.Kill() })
	p.command.Wait()
	timer.Stop()
	return most
}
