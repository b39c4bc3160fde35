package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestServe runs a sweep, shows it, trains in the explorer, and ends as Ctrl-C ends
// it.
func TestServe(t *testing.T) {
	root := t.TempDir()
	must(t, "sweep", "run", writeSweep(t, smallSweep), "--out", filepath.Join(root, "small"))
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var stderr strings.Builder
	go func() { ended <- run(ctx, []string{"serve", root, "--addr", "127.0.0.1:0"}, write, &stderr) }()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	page := strings.TrimSpace(line)
	if !strings.HasPrefix(page, "http://127.0.0.1:") || strings.Contains(page, "token") {
		t.Fatalf("the address is %q", page)
	}
	var sweep struct {
		Status struct {
			State                string
			Copies, Done, Target int
			Fingerprint          string
		}
		Rows int
	}
	answer, err := http.Get(page + "api/sweep?dir=small")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&sweep); err != nil {
		t.Fatal(err)
	}
	if s := sweep.Status; sweep.Rows != 12 || s.State != "done" || s.Copies != 12 || s.Done != 12 || s.Target != 12 || len(s.Fingerprint) != 64 {
		t.Errorf("the sweep is %+v", sweep)
	}
	trained, err := http.Post(page+"api/explorer/train", "application/json", strings.NewReader(`{"steps":20,"points":3}`))
	if err != nil {
		t.Fatal(err)
	}
	defer trained.Body.Close()
	lines, err := io.ReadAll(trained.Body)
	if err != nil || !strings.Contains(string(lines), `"event":"end","step":20,"diverged":false`) {
		t.Errorf("the training is %s, %v", lines, err)
	}
	stop()
	if code := <-ended; code != exitOK || stderr.Len() > 0 {
		t.Errorf("exit %d, %s", code, stderr.String())
	}
}

func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "one argument"},
		{[]string{dir + "/none"}, "cannot open the folder"},
		{[]string{dir, "--addr", "8080"}, "host:port"},
		{[]string{dir, "--addr", "192.0.2.1:0"}, "cannot listen on 192.0.2.1:0"},
		{[]string{dir, "--memory", "1"}, "16 to 1048576 MiB"},
		{[]string{dir, "--tokn"}, "did you mean --token"},
	} {
		_, stderr, code := modspec(t, append([]string{"serve"}, c.args...)...)
		if code != exitBadInput || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("serve %v: exit %d, %q; want exit %d and one line with %q", c.args, code, stderr, exitBadInput, c.want)
		}
	}
}
