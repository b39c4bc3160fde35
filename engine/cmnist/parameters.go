package cmnist

// layersPerTower is how the random layers of a network are numbered: layer l of
// tower t draws its weights from layer t·layersPerTower + 2l and its biases from
// the one after that.
const layersPerTower = 1 << 10

// InitialLayer is the number of the random layer from which the weights of layer l of
// tower t are drawn; the one after it is that of the biases.
func InitialLayer(t, l int) uint32 { return uint32(t*layersPerTower + 2*l) }

// MaxLayers bounds the layers of a tower.
const MaxLayers = layersPerTower/2 - 1
