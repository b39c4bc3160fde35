// Package bench times whole commands, everything that a person waits for
// included, beside the limit of the machine measured in the same run. The
// benchmarks of single packages lie beside their code.
//
//	go test -run '^$' -bench . -benchtime 3x ./bench
package bench
