// Package explorer answers the live page's questions about one network: what
// theory says of it, at once, and what training makes of it.
//
// It stands between the server, which reads results only, and the packages that
// know theory and train: it implements serve.Networks, and a command hands it
// to the server together with a backend.
package explorer
