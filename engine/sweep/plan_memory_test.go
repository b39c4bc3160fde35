package sweep

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemAvailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meminfo")
	for text, want := range map[string]Bytes{
		"MemTotal:  100 kB\nMemAvailable:   42 kB\nBuffers: 1 kB\n": 42 * 1024,
		"MemTotal:  100 kB\n":  0,
		"MemAvailable: x kB\n": 0,
		"MemAvailable:\n":      0,
	} {
		write(t, path, text)
		if got := memAvailable(path); got != want {
			t.Errorf("%q gives %v, want %v", text, float64(got), float64(want))
		}
	}
	if got := memAvailable(path + "none"); got != 0 {
		t.Errorf("no file gives %v", got)
	}
}

func TestCgroupLeft(t *testing.T) {
	for _, c := range []struct {
		limit, used string
		want        Bytes
	}{{"1000\n", "400\n", 600}, {"max\n", "400\n", 0}, {"1000\n", "2000\n", 1}, {"9223372036854771712\n", "400\n", 0}} {
		root := t.TempDir() + "/"
		write(t, root+"memory.max", c.limit)
		write(t, root+"memory.current", c.used)
		if got := cgroupLeft(root); got != c.want {
			t.Errorf("a limit of %q with %q used leaves %v, want %v", c.limit, c.used, float64(got), float64(c.want))
		}
	}
	root := t.TempDir() + "/"
	if err := os.Mkdir(root+"memory", 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, root+"memory/memory.limit_in_bytes", "500")
	write(t, root+"memory/memory.usage_in_bytes", "100")
	if got := cgroupLeft(root); got != 400 {
		t.Errorf("the first version's files give %v", float64(got))
	}
	if got := cgroupLeft(t.TempDir() + "/"); got != 0 {
		t.Errorf("no files give %v", float64(got))
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
