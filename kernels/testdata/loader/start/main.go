// Command start imports gorgonia.org/cu, whose package initialisation calls the
// driver, and prints what the loader says of the driver.
package main

// #include "loader.h"
import "C"

import (
	"fmt"

	"gorgonia.org/cu"
)

func main() {
	var driver C.struct_modspec_driver
	C.modspec_driver_state(&driver)
	devices, err := cu.NumDevices()
	fmt.Printf("state %d, version %d, devices %d, error %v\n", driver.state, cu.Version(), devices, err)
}
