// Package serve is the live page over a folder of results: a sweep that is
// finished or still being written, a reproduction with its claims and figures,
// or a folder of several. API.md beside this file describes every endpoint.
//
// The server reads results and changes nothing. What it cannot know from results
// alone comes in through [Options]: how far a sweep has come, and what theory
// and training say of one network ([Networks]).
//
// # What a visitor can do to it
//
// On loopback every user of the machine may send requests; on any other address,
// and with Options.DemandToken, a request needs the token that [Server.URL]
// contains. A request must name this server in Host, so that no name of a foreign
// site can be pointed at it, and a browser's request must come from the page
// itself. Files are opened below Options.Dir alone, through an os.Root that no
// link leads out of, and only folders that a walk has found to hold results. The
// work of a request is bounded in time, in rows, in cells and in how many run
// side by side; see limits.go.
package serve
