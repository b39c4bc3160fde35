//go:build unix

package results

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOutputsStayWhatTheyAre: links, pipes and devices that a user named for a result
// were replaced by a file.
func TestOutputsStayWhatTheyAre(t *testing.T) {
	folder := t.TempDir()
	text := func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err }
	file, link, pipe := filepath.Join(folder, "file"), filepath.Join(folder, "link"), filepath.Join(folder, "pipe")
	if err := os.WriteFile(file, []byte("before"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := WriteOutput(link, text); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != "file" {
		t.Errorf("the link points to %q, %v", to, err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "text" {
		t.Errorf("the link's file holds %q, %v", data, err)
	}

	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skipf("a FIFO cannot be made here: %v", err)
	}
	got := make(chan string)
	go func() {
		data, _ := os.ReadFile(pipe)
		got <- string(data)
	}()
	if err := WriteOutput(pipe, text); err != nil {
		t.Fatal(err)
	}
	if data := <-got; data != "text" {
		t.Errorf("the pipe gave %q", data)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is %v, %v", info, err)
	}
	if err := WriteOutput(folder, text); err == nil {
		t.Error("a folder was written to")
	}
	if err := WriteOutput(filepath.Join(folder, "new"), text); err != nil {
		t.Error(err)
	}
}
