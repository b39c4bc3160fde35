// # Tables of a sweep
//
// A sweep leaves two tables, as Parquet files with Zstandard compression that
// lie beside each other, runs/part-….parquet and trajectories/part-….parquet.
// Their columns are flat, so that any reader of Parquet takes the folder as it
// is. A number that does not exist is null, never NaN.
//
// The table runs ([Run]) has one row a module copy.
//
//	column                     type    null   what it is
//	id                         text           names the copy: a hash of its parameters and seed
//	copy                       int            its number in the order of the sweep, from 0
//	seed                       uint           source of its starting weights and batch orders
//	bits                       int            n; there are P = 2ⁿ examples
//	nx ny kx ky                int            n_x, n_y, k_x, k_y
//	r                          float          r
//	input_bits output_bits     text           rows of Ω that make up Ω_x and Ω_y
//	arch                       text           architecture: dense, shallow, split, partitioned, custom
//	modules                    text           the modules of a custom architecture, else empty
//	hidden depth               int            units in each hidden layer, hidden layers
//	rule                       text           learning rule
//	gamma beta                 float          its strengths γ and β
//	lr                         float          learning rate η
//	init_scale                 float          σ, standard deviation of the starting weights
//	steps                      int            updates asked for
//	train_examples batch       int            examples trained on, and in one step
//	precision                  text           float32 or float64
//	last_step                  int            last step done
//	diverged_step              int     ✓      step at which the map stopped being finite; null if it never did
//
// From here on everything is measured at the last step, and null for a copy that
// diverged, except the times.
//
//	train_loss                 float   ✓      ½ · mean over the training examples of ‖y − ŷ‖²
//	train_loss_omega           float   ✓      its part over Ω_y's rows
//	train_loss_gamma           float   ✓      its part over Γ_y's rows
//	test_loss                  float   ✓      the same over the other examples; null where there are none
//	test_loss_omega            float   ✓
//	test_loss_gamma            float   ✓
//	quadrant_omega_omega       float   ✓      ‖Ω_x→Ω_y‖², squared Frobenius norm of that block of the map
//	quadrant_gamma_omega       float   ✓      ‖Γ_x→Ω_y‖²
//	quadrant_omega_gamma       float   ✓      ‖Ω_x→Γ_y‖²
//	quadrant_gamma_gamma       float   ✓      ‖Γ_x→Γ_y‖²
//	mode_1                     float   ✓      strength uᵀMv of the modes of the bits that Ω_y asks for
//	mode_2                     float   ✓      of the bits that Ω_y leaves out
//	mode_3                     float   ✓      of every other Walsh function
//	mode_4                     float   ✓      of the bits that Ω_y asks for and Ω_x lacks
//	systematicity              float   ✓      S; null where the network writes no Ω_y
//	t_half_1                   float   ✓      steps until mode_1 is half of where theory says that it ends, λ/δ
//	t_half_2 t_half_3 t_half_4 float   ✓      likewise
//	t_half_omega_omega         float   ✓      steps until the norm ‖Ω_x→Ω_y‖ (not its square) is half of where it ends
//	t_half_gamma_omega         float   ✓      likewise
//	t_half_omega_gamma         float   ✓
//	t_half_gamma_gamma         float   ✓
//
// A mode belongs to the module that learns it. In a network of several modules
// each kind of mode belongs to one of them alone: kinds 1 and 4 to the one
// that writes Ω_y, kinds 2 and 3 to the one that writes Γ_y. A column is null
// where no module has the kind, and in a network whose modules' outputs overlap:
// there several have it, and neither its end nor that of a quadrant is known.
// Times lie between recorded steps, by linear interpolation; they are null where
// half was not reached, and where only the first and the last step were recorded.
//
// Then the same from theory, for steps updates:
//
//	prediction                 text           discrete, asymptote or none: where the next columns come from
//	pred_train_loss            float   ✓      beside train_loss, and so on
//	pred_train_loss_omega      float   ✓
//	pred_train_loss_gamma      float   ✓
//	pred_quadrant_omega_omega  float   ✓
//	pred_quadrant_gamma_omega  float   ✓
//	pred_quadrant_omega_gamma  float   ✓
//	pred_quadrant_gamma_gamma  float   ✓
//	pred_mode_1                float   ✓
//	pred_mode_2                float   ✓
//	pred_mode_3                float   ✓
//	pred_mode_4                float   ✓
//	pred_systematicity         float   ✓
//	pred_t_half_1              float   ✓
//	pred_t_half_2              float   ✓
//	pred_t_half_3              float   ✓
//	pred_t_half_4              float   ✓
//	pred_t_half_omega_omega    float   ✓
//	pred_t_half_gamma_omega    float   ✓
//	pred_t_half_omega_gamma    float   ✓
//	pred_t_half_gamma_gamma    float   ✓
//
// A discrete prediction follows every mode through real steps of gradient
// descent, from the very weights that the copy started from, and has no
// parameter to fit; its times are interpolated between the same recorded steps
// as the copy's own. It exists for plain gradient descent (rule gd) on all
// examples at once with at most one hidden layer and outputs that do not
// overlap. With more hidden layers, or in batches, the prediction is the
// asymptote, where learning ends, and there are no times. For anything else
// theory has none.
//
// The table trajectories ([TrajectoryPoint]) has one row a module copy and
// recorded step: id, copy, step, and the columns from train_loss to
// systematicity, measured at that step.
package results
