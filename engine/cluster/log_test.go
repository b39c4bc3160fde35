package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLastLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{}},
		{"\n\n", []string{}},
		{"a\nb\n", []string{"a", "b"}},
		{"1\n2\n3\n4\n5\n6\n7", []string{"3", "4", "5", "6", "7"}},
		{"10 %\r50 %\r100 %\n", []string{"10 %", "50 %", "100 %"}},
		{"\x1b[31mred\x1b[0m\x07\n\tü\xff!\n", []string{"[31mred[0m", "ü !"}},
		{strings.Repeat("x", 3*logBytes) + "\nend\n", []string{"end"}},
		{strings.Repeat("x", 3*logBytes), []string{strings.Repeat("x", logBytes)}},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, lines := lastLines(path); got != path || !slices.Equal(lines, c.want) {
			t.Errorf("the end of %.20q is %.40q, want %.40q", c.text, lines, c.want)
		}
	}
	if got, lines := lastLines(path + ".none"); got != "" || lines != nil {
		t.Errorf("a file that is not there ends in %q", lines)
	}
}

// TestNewestLog: of a shard that was sent twice the newer log counts, unless the
// task never wrote one.
func TestNewestLog(t *testing.T) {
	dir, s := t.TempDir(), submitted()
	if err := os.Mkdir(filepath.Join(dir, LogsName), 0o777); err != nil {
		t.Fatal(err)
	}
	shard := &ShardStatus{index: 3}
	if path, _ := s.log(dir, shard); path != "" {
		t.Errorf("there is a log %s", path)
	}
	for _, name := range []string{"100_3", "110_3"} {
		if err := os.WriteFile(filepath.Join(dir, LogsName, name+".out"), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
		if path, end := s.log(dir, shard); filepath.Base(path) != name+".out" || !slices.Equal(end, []string{name}) {
			t.Errorf("the newest log is %s, %q; want %s", path, end, name)
		}
	}
	shard.Job = "100_3"
	if path, _ := s.log(dir, shard); filepath.Base(path) != "100_3.out" {
		t.Errorf("the log of job 100_3 is %s", path)
	}
}
