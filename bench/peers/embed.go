// Package peers holds the programs that modspec is compared with. They are written in
// Python, except gorgonia's; this package carries them, so that one binary can run
// the comparison anywhere. setup.sh makes what they run in.
package peers

import "embed"

// Files are the programs in Python.
//
//go:embed *.py
var Files embed.FS
