package mnist_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"modspec/engine/mnist"
)

// A folder without permission was said to hold no images. Root may read everything,
// so the folder is read by a thread that looks at files as another user.
func TestAFolderWithoutPermissionSaysSo(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "open"), small(2, 2))
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"closed": 0, "unlisted": 0o311, "names": 0o644} {
		write(t, filepath.Join(folder, name), small(2, 2))
		write(t, filepath.Join(folder, "below "+name, "MNIST", "raw"), small(2, 2))
		for _, closed := range []string{name, "below " + name + "/MNIST"} {
			closed = filepath.Join(folder, closed)
			if err := os.Chmod(closed, mode); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(closed, 0o755) })
		}
	}
	var unusable error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if os.Getuid() == 0 {
			const nobody = 65534
			if err := syscall.Setfsuid(nobody); err != nil {
				t.Errorf("cannot look at files as another user: %v", err)
				return
			}
		}
		if _, err := mnist.Find(filepath.Join(folder, "open")); err != nil {
			unusable = err
			return
		}
		for _, name := range []string{"closed", "unlisted", "names", "below closed", "below names"} {
			if _, err := mnist.Find(filepath.Join(folder, name)); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: the error is %v, want that permission is denied", name, err)
			}
		}
	}()
	<-done
	if unusable != nil {
		t.Skipf("the folder for temporary files is closed to other users: %v", unusable)
	}
}
