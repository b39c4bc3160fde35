// Package explorer serves one network to the live page: its theory, at once, and its
// training, step by step.
//
// It connects the server, which only reads results, with the packages that compute
// theory and train: it implements serve.Networks, and a command hands it to the server
// together with a backend.
package explorer
