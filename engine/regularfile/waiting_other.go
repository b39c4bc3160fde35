//go:build !unix

package regularfile

// withoutWaiting is nothing where no FIFO can stand in a folder.
const withoutWaiting = 0
