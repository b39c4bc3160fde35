// Package serve is the live page over a folder of results: a sweep that is
// finished or still being written, a reproduction with its claims and figures,
// or a folder of several. API.md beside this file describes every endpoint.
//
// The server reads results and changes nothing. What results do not contain comes
// through [Options]: the progress of a sweep, and theory and training of one network
// ([Networks]).
//
// # Limits on visitors
//
// On loopback every user of the machine may send requests; on any other address, and
// with Options.DemandToken, a request needs the token that [Server.URL] contains. A
// request must name this server in Host, so that a foreign site whose name resolves to
// this address is refused, and a browser's request must come from the page itself.
// Files are opened below Options.Dir alone, through an os.Root, which no link leaves,
// and only folders that a walk has found to hold results. The work of a request is
// bounded in time, in rows, in cells and in how many run side by side; see limits.go.
package serve
