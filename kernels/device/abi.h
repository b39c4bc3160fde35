// What host and device agree on: the structures that a launch reads and what it
// leaves behind. Every field takes eight bytes, so C, C++ and Go lay them out
// alike; engine/train/cuda/abi.go mirrors this file, and a test there compares
// the two name by name.
//
// Words: an *item* is one module of one module copy. Modules whose outputs are
// their own learn apart, so each is an item of its own; all items of a launch
// have one shape. *Real* is the precision of training, float or double.
// *Coordinates* are those that a first layer trains in: the reduced input
// directions Q, a basis completed to all inputs where the rule moves the rest
// too (beta != 0), or the inputs themselves.
#ifndef MODSPEC_ABI_H
#define MODSPEC_ABI_H

#ifdef __CUDACC_RTC__
typedef long long int64_t;
typedef unsigned long long uint64_t;
typedef unsigned int uint32_t;
#else
#include <stdint.h>
#endif

// A device address, 0 where there is nothing.
typedef uint64_t Address;

// The most layers of weights that one module of a fused launch has.
#define MAX_LAYERS 8

// Task is a dataset as one module sees it, in its coordinates.
struct Task {
  int64_t inputs;    // n_in of the module
  int64_t coords;    // of its coordinates
  int64_t outputs;   // n_out of the module
  int64_t examples;  // P
  int64_t omega_in;  // rows of Omega_x that it reads: its first inputs
  int64_t gamma_in;  // copies of Gamma_x that it reads: inputs = omega_in + gamma_in*examples
  int64_t omega_out; // rows of Omega_y that it writes: its first outputs; the rest are Gamma_y's
  int64_t modes;     // mode strengths in a record
  int64_t trained;   // training examples, m
  double r;          // scale of Gamma_x
  Address q;           // double, inputs x coords, orthonormal columns; 0: coords are the inputs
  Address d;           // Real, coords: eigenvalues of Sigma_x; 0 for directions without input
  Address yx;          // Real, outputs x coords: Sigma_yx Q
  Address yy;          // Real, outputs x outputs: Y Y^T over the training examples, of its outputs; 0 without RULE_GAMMA
  Address functionals; // double, modes x outputs x coords: strength k = sum of functional k times the map, element by element
  Address targets;     // double, outputs x examples: labels of its outputs
  Address signs;       // double, omega_in x examples: the rows of Omega_x that it reads
  Address is_trained;  // double, examples: 1 for training examples, 0 for test examples
  Address goals;       // double, fields: what a field must reach for its passage, NaN where nothing; 0: no passages
};

// Item is one module of one copy.
struct Item {
  int64_t task;      // its index in tasks
  int64_t module;    // its number in the network: layer l draws from random layer module*256 + l
  uint64_t seed;     // of its random stream
  uint64_t point;
  double init_scale; // sigma
  double eta;        // learning rate
  double eta_gamma;  // eta times gamma
  double beta;       // strength of the Hebbian term, not scaled by eta
  int64_t limit;     // steps that it makes at most
  Address given;     // double: starting weights in plain coordinates, layer after layer, row-major; 0: drawn
};

// Where a record has what. Losses are sums of squared residuals over a set of
// examples and rows, divided by twice the number of those examples; quadrants are
// squared norms of blocks of the whole map; mode strengths follow.
enum Field {
  TRAIN_OMEGA = 0, TRAIN_GAMMA = 1, TEST_OMEGA = 2, TEST_GAMMA = 3,
  OMEGA_OMEGA = 4, // Omega_x to Omega_y
  GAMMA_OMEGA = 5, // Gamma_x to Omega_y
  OMEGA_GAMMA = 6, // Omega_x to Gamma_y
  GAMMA_GAMMA = 7, // Gamma_x to Gamma_y
  FIRST_MODE = 8
};

// Launch is what all items of a launch share. A kernel's only argument is the
// address of one.
struct Launch {
  int64_t items;
  int64_t layers;                 // L, layers of weights: 1 for a shallow module
  int64_t widths[MAX_LAYERS + 1]; // inputs, hidden units ..., outputs
  int64_t coords;
  int64_t rule;                   // sum of RULE_ flags
  int64_t from;                   // the step that the weights in state are of
  int64_t to;                     // the step to stop at; all recorded steps in [from, to], but for
                                  // `from` itself unless it is 0, are served by this launch
  int64_t records;                // recorded steps in the whole run
  int64_t first_record;           // index of the first that this launch serves
  int64_t fields;                 // doubles in a record: FIRST_MODE + the modes of the task
  int64_t kept_records;           // records that out has room for an item: all, or 1 for the last one served
  int64_t state_stride;           // Reals an item, a multiple of 4 for full speed; layout.cuh: state_offset
  int64_t still_stride;
  int64_t final_stride;
  int64_t scratch_stride;         // Reals a resident group, a multiple of 4; layout.cuh: scratch_reals
  Address tasks;                  // Task
  Address members;                // Item, items of them
  Address record_steps;           // int64_t, ascending
  Address state;  // Real: W1 in coordinates (widths[1] x coords), then W2 (widths[2] x widths[1]) ... W_L
  Address still;  // Real, widths[1] x inputs: the part of W1 outside the coordinates, which never changes; 0: none
  Address ended;  // int64_t, an item: the first step at which its map's sum of squares, or a recorded
                  // training loss or quadrant, was not finite, or -1
  Address out;    // double, items x kept_records x fields
  Address passed; // double, items x (2 fields + 1): when each field passed its goal (NaN: not yet), its value
                  // at the record before, and the step of that record (-1: none); 0: no passages
  Address finals; // Real: weights in plain coordinates, layer after layer, row-major
  Address scratch; // Real: room of each resident group, aligned to 16 bytes
};

#define RULE_GAMMA 1    // eta_gamma may differ from 0
#define RULE_HEBBIAN 2  // beta > 0
#define RULE_ANTI 4     // beta < 0

#endif
