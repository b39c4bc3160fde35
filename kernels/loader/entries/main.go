// Command entries lists the functions of the CUDA driver that programs may call,
// for kernels/loader to stand in their place.
//
//	entries [-cc gcc] -include folder
//
// It reads the folder's cuda.h as a C compiler does and prints one line
//
//	ENTRY(index, name)
//
// for each function, by name. The header maps names in C to others in the
// driver (cuMemAlloc to cuMemAlloc_v2), and to others again where a program asks
// for a stream per thread (cuMemcpy to cuMemcpy_ptds); the names printed are the
// driver's, of both kinds.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// modes are the definitions under which cuda.h maps names differently.
var modes = [][]string{nil, {"-DCUDA_API_PER_THREAD_DEFAULT_STREAM"}}

func main() {
	cc := flag.String("cc", "gcc", "C compiler")
	include := flag.String("include", "", "folder of cuda.h")
	flag.Parse()
	if *include == "" || flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	names, err := entries(*cc, filepath.Join(*include, "cuda.h"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "entries:", err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	for i, name := range names {
		fmt.Fprintf(out, "ENTRY(%d, %s)\n", i, name)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "entries:", err)
		os.Exit(1)
	}
}

// entries returns the names of the driver's functions in a header, sorted.
func entries(cc, header string) ([]string, error) {
	found := map[string]bool{}
	for _, mode := range modes {
		args := append(slices.Clone(mode), "-E", "-P", "-x", "c", header)
		command := exec.Command(cc, args...)
		var complaint strings.Builder
		command.Stderr = &complaint
		text, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %s", command, err, firstLine(complaint.String()))
		}
		names, err := declared(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", header, err)
		}
		for _, name := range names {
			found[name] = true
		}
	}
	// What loader.c treats by name; a header without it is no cuda.h.
	for _, name := range []string{"cuInit", "cuDriverGetVersion", "cuDeviceGetCount"} {
		if !found[name] {
			return nil, fmt.Errorf("%s: %s is not declared: this is no cuda.h of the driver's interface", header, name)
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

var (
	// A declaration ends with a semicolon; pointers to functions, which typedefs
	// and parameters have, put their name in parentheses and do not match.
	declaration = regexp.MustCompile(`(?s)([^;{}]*?)\b(cu[A-Z]\w*)\s*\([^;{}]*\)\s*;`)
	attribute   = regexp.MustCompile(`__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)|\bextern\b|\b__extension__\b`)
	literal     = regexp.MustCompile(`"(\\.|[^"\\])*"`) // in an attribute, where it may hold what looks like code
)

// declared returns the names of the functions that preprocessed text declares.
// All must return CUresult: the loader's answer in place of a function that the
// driver lacks is one.
func declared(text string) ([]string, error) {
	var names []string
	for _, match := range declaration.FindAllStringSubmatch(literal.ReplaceAllString(text, `""`), -1) {
		result := strings.TrimSpace(attribute.ReplaceAllString(match[1], ""))
		if strings.HasPrefix(result, "typedef") || result == "return" { // a call, in a function of the header's own
			continue
		}
		if result != "CUresult" {
			return nil, fmt.Errorf("%s returns %q: the loader can only stand in for functions that return CUresult", match[2], result)
		}
		names = append(names, match[2])
	}
	return names, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
