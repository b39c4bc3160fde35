//go:build amd64 && (noasm || safe)

package results

const plain = "-noasm"
