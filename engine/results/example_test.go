package results_test

import (
	"fmt"
	"os"
	"path/filepath"

	"modspec/engine/results"
)

func ExampleNewClaim() {
	c := results.NewClaim("dense-dynamics/closer",
		"discrete steps predict the modes to 5 % of their asymptote",
		0.031, results.AtMost, 0.05, "discrete dynamics, package theory", "largest deviation over modes and steps")
	fmt.Println(c.Pass)
	// Output: true
}

func ExampleReadClaims() {
	folder, err := os.MkdirTemp("", "claims")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "claims.json")
	err = results.WriteClaims(path, results.ClaimsFile{Claims: []results.Claim{
		results.NewClaim("ranks/three", "three columns suffice", 3, results.AtMost, 3, "Appendix B", ""),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := results.ReadClaims(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d claims hold\n", file.Holding(), len(file.Claims))
	// Output: 1 of 1 claims hold
}
