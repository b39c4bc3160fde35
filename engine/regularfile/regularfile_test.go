package regularfile

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyRegularFilesAreOpened: a FIFO blocked every reader for ever, and a
// folder or device was told by whatever the first read said.
func TestOnlyRegularFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("file"), []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(at("folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	refused := map[string]string{"folder": "folder"}
	allowed := []string{"file"}
	if fifo(at("fifo")) == nil {
		refused["fifo"] = "FIFO"
	}
	if l, err := net.Listen("unix", at("socket")); err == nil {
		defer l.Close()
		refused["socket"] = "socket"
	}
	for link, to := range map[string]string{"good link": "file", "link": "folder", "fifo link": "fifo"} {
		if os.Symlink(to, at(link)) != nil {
			continue
		}
		if kind, bad := refused[to]; bad {
			refused[link] = kind
		} else if to == "file" {
			allowed = append(allowed, link)
		}
	}
	for name, kind := range refused {
		_, _, err := Open(at(name))
		_, below := ReadIn(root, name, 10)
		_, _, end := Append(at(name))
		for _, err := range []error{err, below, end, Check(at(name))} {
			var own *Error
			if !errors.As(err, &own) || !strings.Contains(err.Error(), "is a "+kind) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v, want an error that names it and says that it is a %s", name, err, kind)
			}
		}
	}
	for _, name := range allowed {
		f, size, err := Open(at(name))
		if err != nil || size != 4 {
			t.Fatalf("%s: size %d, %v", name, size, err)
		}
		f.Close()
		if err := Check(at(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, size, err := Append(at("file")); err != nil || size != 4 {
		t.Errorf("to append: size %d, %v", size, err)
	} else {
		f.WriteString(" and more")
		f.Close()
		if data, err := Read(at("file"), 100); string(data) != "text and more" {
			t.Errorf("after appending it holds %q, %v", data, err)
		}
	}
	if err := Check(at("none")); err != nil {
		t.Errorf("a file that is not there: %v", err)
	}
	if info, err := os.Stat(os.DevNull); err == nil && info.Mode()&fs.ModeDevice != 0 {
		if _, _, err := Open(os.DevNull); err == nil || !strings.Contains(err.Error(), "is a device") {
			t.Errorf("a device: %v", err)
		}
	}
	if _, _, err := Open(at("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestReadIsBounded: a sparse file of many gigabytes was read whole.
func TestReadIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, size := range []int64{0, 9, 10, 11, 200 << 30} {
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Logf("no sparse file of %d bytes: %v", size, err)
			continue
		}
		data, err := Read(path, 10)
		var own *Error
		switch {
		case size <= 10 && (err != nil || int64(len(data)) != size):
			t.Errorf("%d bytes: read %d, %v", size, len(data), err)
		case size > 10 && (!errors.As(err, &own) || data != nil):
			t.Errorf("%d bytes: %v, want a refusal", size, err)
		}
	}
}
