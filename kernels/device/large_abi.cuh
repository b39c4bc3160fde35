// What host and device agree on for the large path: the operations that a step of
// large copies is made of. Every field takes eight bytes; the Go mirror is
// engine/train/cuda/large_abi.go, and a test there compares the two name by name.
//
// A kernel of the large path takes the address of a list of operations and an
// index in it, each in an eight-byte slot. The host writes the list once for all
// steps; what changes from step to step (the step itself, the batch, which copies
// have ended) lies in device memory.
//
// *Real* is the precision of training, float or double; a kernel's name ends
// with the element type of its matrices.
#ifndef MODSPEC_LARGE_ABI_CUH
#define MODSPEC_LARGE_ABI_CUH

#include "abi.h"

// Which of the matrices that lie at a distance of `stride` belongs to a copy.
enum Which {
  OF_COPY = 0, // number copy
  OF_SLOT = 1, // number copy − first: room that is used again for other copies
  OF_TASK = 2  // the number of the copy's task
};

// Matrix is one matrix for each copy: row-major, a row `lead` elements after the
// one before. A kernel may read, and never writes, the elements between a row's
// last and lead. Vectors and single numbers for each copy are matrices of one row.
struct Matrix {
  Address at; // of the first; 0: there is none
  int64_t which;
  int64_t stride;
  int64_t lead;
};

// Product is a matrix product with what becomes of it (gemm.cuh); or, for the kernels
// of large.cu that go element by element, the same with a matrix A in place of A·B.
struct Product {
  int64_t rows;
  int64_t cols;
  int64_t depth;
  int64_t first;     // it is made for copies first ... first + copies − 1
  int64_t copies;
  int64_t a_across;  // 1: a is stored transposed, depth x rows
  int64_t b_across;  // 1: b is stored transposed, cols x depth
  double scale;      // s
  double keep;       // t
  Matrix a;          // A, rows x depth
  Matrix b;          // B, depth x cols
  Matrix c;          // C, rows x cols; 0: none
  Matrix d;          // D, rows x cols; may be c; 0: none
  Matrix raw;        // A·B itself; 0: not kept
  Matrix response;   // A·B·diag(g); 0: not kept
  Matrix term;       // T, rows x cols; 0: none
  Matrix row_scale;  // f, rows; 0: ones
  Matrix col_scale;  // g, cols; 0: ones
  Matrix rate;       // e, a number; 0: 1
  Matrix term_rate;  // v, a number; 0: 1
  Matrix squares;    // double, a number for each block of a copy: sums of squares of A·B; 0: not summed
  Address task_of;   // int64_t, the task of each copy
  Address ended;     // int64_t: copies with 0 or more are left alone; 0: none is
  Address clock;     // int64_t: see Decision; for large_widen alone
};

// Decision says which copies have diverged at a step.
struct Decision {
  int64_t first;
  int64_t copies;
  int64_t sums;     // numbers of a copy in squares
  Matrix squares;   // double: what adds up to the squared norm of the copy's maps
  double largest;   // the largest finite Real
  Address ended;    // int64_t
  Address clock;    // int64_t, of each copy: the step that its maps are of; counted by the kernel from -1
};

// Gather brings the columns of a step's examples together.
struct Gather {
  int64_t first;
  int64_t copies;
  int64_t rows;     // of both matrices
  int64_t size;     // examples of this step, columns of to
  int64_t batch;    // examples of a step, but perhaps the last of an epoch
  int64_t trained;  // training examples, columns of from
  int64_t steps;    // of an epoch
  int64_t epochs;   // whose orders are there at a time: epoch k's are number k mod epochs
  int64_t stride;   // numbers from one epoch's orders to the next's
  Matrix from;      // Real
  Matrix to;        // Real
  Address orders;   // uint32_t, epochs x all copies x trained
  Address task_of;  // int64_t
  Address ended;    // int64_t
  Address clock;    // int64_t
};

// The most bits whose projections one pass over a map takes along.
#define BITS_AT_ONCE 8

// Outlook is what an observation needs to know of a task: the bits of its inputs and
// outputs, numbers of rows of Omega, and the labels.
struct Outlook {
  double r;
  Address input_bits;  // int64_t, omega_in of Observation
  Address output_bits; // int64_t, omega_out
  Address trained;     // int64_t, examples: 1 for training examples, 0 for test examples
  Address labels;      // double, outputs x examples; 0: those of the dataset
  Address projections; // Projection, modules x bits
};

// Projection says where a bit's Walsh function meets a module's map.
struct Projection {
  int64_t used; // 0: not at all
  int64_t in;   // column of the map, or -1
  int64_t out;  // row of the map, or -1
};

// View is one module of an observation.
struct View {
  int64_t top;       // its first output among those of the network
  int64_t rows;      // its outputs
  int64_t edge;      // its first input among those of the network
  int64_t cols;      // its inputs
  int64_t omega_in;  // its columns in Omega_x; then come whole copies of Gamma_x
  int64_t omega_out; // its rows in Omega_y
  Matrix mapping;    // double, its map in plain inputs
};

// Where a record of the large path has what: sums over all rows, which the host
// scales. Squared residuals by set of examples and block of outputs, squared norms of
// the whole map's blocks, then for each module three numbers for each bit and the
// trace (large_observe.cu).
enum Sum {
  SUM_TRAIN_OMEGA = 0, SUM_TRAIN_GAMMA = 1, SUM_TEST_OMEGA = 2, SUM_TEST_GAMMA = 3,
  SUM_OMEGA_OMEGA = 4, SUM_GAMMA_OMEGA = 5, SUM_OMEGA_GAMMA = 6, SUM_GAMMA_GAMMA = 7,
  FIRST_PROJECTION = 8
};

// Observation is what is to be measured of some copies.
struct Observation {
  int64_t first;
  int64_t copies;
  int64_t bits;
  int64_t outputs;   // of the network
  int64_t inputs;
  int64_t omega_in;  // bits among its inputs
  int64_t omega_out; // bits among its outputs
  int64_t modules;
  int64_t fields;    // FIRST_PROJECTION + modules (3 bits + 1)
  int64_t parts;     // warps that share a copy's rows: each leaves sums of its own
  Address views;     // View, modules
  Address outlooks;  // Outlook, tasks
  Address task_of;   // int64_t
  Address ended;     // int64_t
  Address out;       // double, copies - by their own numbers - x parts x fields
};

#endif
