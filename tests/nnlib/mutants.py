"""The defects that test_mutants.py plants, by name.

Each is (file of nnlib, {fragment: what takes its place}, tests that must fail). A fragment
occurs exactly once in its file. A test is named by its file and function, or with one of its
cases in brackets; of a function named without a case, one failing case is enough.

They were found in admired code, or lie next to what was, and with most of them a spiral is
still learnt. Where two forms of a formula are about (Adam's eps, Nesterov's step, BatchNorm's
variance) the mutant is the other form: only one can be ours.
"""

MUTANTS = {
    # Losses: signs, means, and the logarithm ----------------------------------------------
    "the MAE's gradient with the wrong sign": (
        "regression.py", {"return np.sign(miss) / miss.size": "return -np.sign(miss) / miss.size"},
        ["test_gradients.py::test_loss_for_its_output"]),
    "the MAE's slope 1 where prediction and target agree": (
        "regression.py", {
            "return np.sign(miss) / miss.size":
            "return np.where(miss >= 0, 1, -1).astype(miss.dtype) / miss.size"},
        ["test_golden.py::test_loss"]),
    "the MSE's gradient without its 2": (
        "regression.py", {"return miss * (2 / miss.size)": "return miss / miss.size"},
        ["test_gradients.py::test_loss_for_its_output",
         "test_gradients.py::test_canonical_pairs_give_prediction_minus_target"]),
    "the MSE of (n, 1) against (n,), broadcast to (n, n)": (
        "regression.py", {
            'y = expect_targets(self, targets, n, width, "fiub", "numbers")':
            "y = np.asarray(targets)"},
        ["test_model.py::test_regression_with_one_column"]),
    "predictions of one column as (n, 1)": (
        "losses.py", {
            "return output[:, 0] if output.shape[1] == 1 else output": "return output"},
        ["test_model.py::test_regression_with_one_column"]),
    "the MSE divided by n where it should be nk, and its gradient too": (
        "regression.py", {
            "return float(np.vdot(miss, miss)) / miss.size":
            "return float(np.vdot(miss, miss)) / len(miss)",
            "return miss * (2 / miss.size)": "return miss * (2 / len(miss))"},
        ["test_gradients.py::test_canonical_pairs_give_prediction_minus_target",
         "test_golden.py::test_loss"]),
    "half the MSE, and half its gradient": (
        "regression.py", {
            "return float(np.vdot(miss, miss)) / miss.size":
            "return float(np.vdot(miss, miss)) / (2 * miss.size)",
            "return miss * (2 / miss.size)": "return miss / miss.size"},
        ["test_gradients.py::test_canonical_pairs_give_prediction_minus_target",
         "test_golden.py::test_loss"]),
    "the binary cross-entropy divided by n where it should be nk, and its gradient too": (
        "losses.py", {
            "return float(surprise.sum()) / y.size": "return float(surprise.sum()) / len(y)",
            "d /= y.size": "d /= len(y)"},
        ["test_gradients.py::test_canonical_pairs_give_prediction_minus_target",
         "test_golden.py::test_loss"]),
    "1/n missing in the gradient": (
        "losses.py", {"        d /= len(y)\n": ""},
        ["test_gradients.py::test_loss_for_its_output",
         "test_gradients.py::test_whole_nets"]),
    "1/n missing in the loss and its gradient": (
        "losses.py", {
            "return -float(log_p[np.arange(len(y)), y].sum()) / len(y)":
            "return -float(log_p[np.arange(len(y)), y].sum())",
            "        d /= len(y)\n": ""},
        ["test_gradients.py::test_canonical_pairs_give_prediction_minus_target",
         "test_golden.py::test_loss"]),
    "1/n applied twice": (
        "losses.py", {"d /= len(y)": "d /= len(y) ** 2"},
        ["test_gradients.py::test_loss_for_its_output",
         "test_gradients.py::test_whole_nets"]),
    "1/n applied again in a layer": (
        "layers.py", {
            "np.matmul(x.T, dz, out=self.dW)": "np.matmul(x.T, dz / len(x), out=self.dW)"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters",
         "test_gradients.py::test_whole_nets"]),
    "labels of shape (n, 1) taken for one-hot": (
        "losses.py", {
            "        return expect_labels(self, targets, n, width)\n":
            "        y = np.asarray(targets)\n"
            "        return y.argmax(axis=1) if y.ndim == 2 else y\n"},
        ["test_errors.py::test_refused[labels in a column]",
         "test_errors.py::test_refused[one-hot labels]"]),
    "label -1 accepted": (
        "_validate.py", {"not 0 <= y.min() <= y.max() < n_classes": "y.max() >= n_classes"},
        ["test_errors.py::test_refused[label -1]",
         "test_errors.py::test_refused[label -1 in fit]",
         "test_errors.py::test_refused[a matrix with label -1]"]),
    "labels of too many classes accepted": (
        "losses.py", {"expect_labels(self, targets, n, width)": "expect_labels(self, targets, n)"},
        ["test_errors.py::test_refused[label -1]",
         "test_errors.py::test_refused[label 3 in evaluate]"]),
    "a yes of -1 accepted": (
        "losses.py", {
            "if y.size and not (y.min() >= 0 and y.max() <= 1):": "if y.size and y.max() > 1:"},
        ["test_errors.py::test_refused[a yes of -1]"]),
    "a log-loss that saturates at 16.118, its probabilities clipped": (
        "losses.py", {
            "log_p = log_softmax(output)  ":
            "log_p = np.log(np.clip(np.exp(log_softmax(output)), 1e-7, 1 - 1e-7))  "},
        ["test_gradients.py::test_log_loss_does_not_saturate"]),
    "a log-loss of probabilities that saturates at 16.118": (
        "losses.py", {
            "log_p = np.log(output)": "log_p = np.log(np.clip(output, 1e-7, 1 - 1e-7))"},
        ["test_gradients.py::test_log_loss_does_not_saturate"]),
    "a binary log-loss that saturates at 16.118": (
        "losses.py", {
            "surprise = positive_part(wrong_way) + np.log1p(np.exp(-np.abs(output)))":
            "surprise = -np.log(np.clip(sigmoid(-wrong_way), 1e-7, 1 - 1e-7))"},
        ["test_gradients.py::test_log_loss_does_not_saturate"]),
    "forward clips, backward does not": (
        "losses.py", {
            "return -float(log_p[np.arange(len(y)), y].sum()) / len(y)":
            "return -float(np.log(np.clip(np.exp(log_p[np.arange(len(y)), y]), 1e-7, 1 - 1e-7))"
            ".sum()) / len(y)"},
        ["test_gradients.py::test_log_loss_does_not_saturate"]),
    "a binary log-loss that overflows": (
        "losses.py", {
            "surprise = positive_part(wrong_way) + np.log1p(np.exp(-np.abs(output)))":
            "surprise = np.log1p(np.exp(wrong_way))"},
        ["test_gradients.py::test_log_loss_does_not_saturate"]),
    "scores cut at 0.5 as if they were probabilities": (
        "losses.py", {"p = sigmoid(output) if from_scores else output": "p = output"},
        ["test_model.py::test_yes_or_no"]),

    # Activations --------------------------------------------------------------------------
    "ReLU's mask taken as output >= 0, which always holds": (
        "activations.py", {"self._seen = a > 0 if": "self._seen = a >= 0 if"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters",
         "test_gradients.py::test_whole_nets"]),
    "ReLU's slope 1 at exactly 0": (
        "activations.py", {"self._seen = a > 0 if": "self._seen = np.asarray(z) >= 0 if"},
        ["test_golden.py::test_layer"]),
    "ReLU in the caller's array": (
        "activations.py", {
            "return np.maximum(z, np.zeros(z.shape[-1:], z.dtype))":
            "return np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=z)"},
        ["test_model.py::test_a_layer_does_not_change_its_arguments"]),
    "the sigmoid overflows at -1000": (
        "activations.py", {
            "return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))":
            "return 1 / (1 + np.exp(-z))"},
        ["test_gradients.py::test_nothing_overflows"]),
    "the sigmoid's slope a (1 - a) taken of z": (
        "activations.py", {"self._seen = a * (1 - a) if": "self._seen = z * (1 - z) if"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters"]),
    "softmax without subtracting the maximum": (
        "activations.py", {"    log_p -= log_p.max(axis=0)\n": ""},
        ["test_gradients.py::test_nothing_overflows"]),
    "softmax over the rows of the batch": (
        "activations.py", {
            "np.log(np.exp(log_p).sum(axis=0))":
            "np.log(np.exp(log_p).sum(axis=1, keepdims=True))"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters",
         "test_gradients.py::test_nothing_overflows"]),
    "softmax's gradient without the other classes": (
        "activations.py", {
            "return p * (dp - (dp * p).sum(axis=1, keepdims=True))":
            "return p * (1 - p) * dp"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters"]),
    "softmax subtracts the maximum in the caller's array": (
        "activations.py", {"log_p = z.T.copy()": "log_p = z.T"},
        ["test_model.py::test_a_layer_does_not_change_its_arguments",
         "test_model.py::test_a_loss_does_not_change_its_arguments"]),
    "softmax remembers the array that it hands out": (
        "activations.py", {"self._seen = p.copy() if": "self._seen = p if"},
        ["test_gradients.py::test_what_a_layer_gave_may_be_changed_before_backward"]),

    # Dense --------------------------------------------------------------------------------
    "no gradient for biases": (
        "layers.py", {"        sum_rows(dz, out=self.db) ": "       "},
        ["test_gradients.py::test_layer_for_its_input_and_parameters",
         "test_gradients.py::test_whole_nets"]),
    "the biases' gradient averaged, not summed": (
        "layers.py", {
            "sum_rows(dz, out=self.db)": "np.mean(dz, axis=0, out=self.db)"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters",
         "test_gradients.py::test_whole_nets"]),
    "gradients added to those of the batch before": (
        "layers.py", {"np.matmul(x.T, dz, out=self.dW)": "self.dW += x.T @ dz"},
        ["test_model.py::test_clipping_scales_long_gradients_and_no_others",
         "test_golden.py::test_training"]),
    "L1's slope 1 at exactly 0, which moves zeros": (
        "layers.py", {
            "gradient += l1 * np.sign(array) ":
            "gradient += l1 * np.where(array >= 0, 1, -1).astype(array.dtype) "},
        ["test_gradients.py::test_a_weight_of_0_is_left_alone_by_l1"]),
    "L2's gradient without its 2": (
        "layers.py", {"gradient += 2 * l2 * array": "gradient += l2 * array"},
        ["test_gradients.py::test_each_penalty_alone"]),
    "the penalty on weights laid on biases too": (
        "layers.py", {
            "(self.b, self.db, self.bias_l1, self.bias_l2)":
            "(self.b, self.db, self.l1, self.l2)"},
        ["test_gradients.py::test_each_penalty_alone"]),
    "float64 from np.sqrt(2 / n) times float32": (
        "layers.py", {
            "        W = weights(init, self.n_in, self.n_out, np.random.default_rng(rng))\n"
            '        self.W = W.astype(expect_dtype("Dense", dtype)) ':
            "        W = np.random.default_rng(rng).standard_normal((n_in, n_out))\n"
            '        self.W = np.sqrt(2 / n_in) * W.astype(expect_dtype("Dense", dtype)) '},
        ["test_model.py::test_first_weights_by_name",
         "test_model.py::test_one_dtype_everywhere"]),
    "float64 from a dtype of None": (
        "_validate.py", {"if dtype is None or found not in": "if found not in"},
        ["test_errors.py::test_refused[Dense of dtype None]",
         "test_errors.py::test_refused[BatchNorm of dtype None]"]),
    "float64 from a batch of float64": (
        "layers.py", {"x = np.asarray(x, self.W.dtype)": "x = np.asarray(x)"},
        ["test_model.py::test_a_float32_layer_gives_float32_whatever_comes"]),
    "He's variance of the wrong side": (
        "initializers.py", {
            "return rng.standard_normal((n_in, n_out)) * math.sqrt(2 / n_in)":
            "return rng.standard_normal((n_in, n_out)) * math.sqrt(2 / n_out)"},
        ["test_model.py::test_first_weights_are_he_normal_and_differ"]),
    "He's variance taken for the standard deviation": (
        "initializers.py", {
            "return rng.standard_normal((n_in, n_out)) * math.sqrt(2 / n_in)":
            "return rng.standard_normal((n_in, n_out)) * (2 / n_in)"},
        ["test_model.py::test_first_weights_are_he_normal_and_differ"]),
    "the same first weights at each call": (
        "layers.py", {
            "self.n_out, np.random.default_rng(rng))":
            "self.n_out, np.random.default_rng(rng or 0))"},
        ["test_model.py::test_first_weights_are_he_normal_and_differ"]),
    "an array assigned to a layer takes the view's place": (
        "layers.py", {
            "            array[...] = value\n":
            "            super().__setattr__(name, value.astype(array.dtype))\n"},
        ["test_model.py::test_assigning_to_a_layer_copies_into_the_vector"]),

    # Dropout ------------------------------------------------------------------------------
    "Dropout's rescaling forgotten in backward": (
        "layers.py", {"return da * mask": "return da * (mask > 0)"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters"]),
    "Dropout's backward without the mask": (
        "layers.py", {"return da * mask": "return da / (1 - self.rate)"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters"]),
    "Dropout scales the caller's array in place": (
        "layers.py", {"return x * mask": "x *= mask\n        return x"},
        ["test_model.py::test_a_layer_does_not_change_its_arguments"]),
    "Dropout scales the caller's gradient in place": (
        "layers.py", {"return da * mask": "da *= mask\n        return da"},
        ["test_model.py::test_a_layer_does_not_change_its_arguments"]),
    "Dropout(0.1).rate == 0.9, consistently": (
        "layers.py", {
            "self.rate = float(rate)": "self.rate = 1 - float(rate)",
            'return {"rate": self.rate,': 'return {"rate": round(1 - self.rate, 12),',
            'return f"Dropout({self.rate!r})"': 'return f"Dropout({round(1 - self.rate, 12)!r})"',
            ">= self.rate).astype(x.dtype)": ">= 1 - self.rate).astype(x.dtype)",
            "mask /= 1 - self.rate": "mask /= self.rate"},
        ["test_model.py::test_dropout_drops_the_fraction_it_says_and_keeps_the_mean"]),
    "Dropout keeps what it should drop": (
        "layers.py", {
            ">= self.rate).astype(x.dtype)": "< self.rate).astype(x.dtype)",
            "mask /= 1 - self.rate": "mask /= self.rate or 1"},
        ["test_model.py::test_dropout_drops_the_fraction_it_says_and_keeps_the_mean"]),
    "Dropout without rescaling": (
        "layers.py", {"        mask /= 1 - self.rate\n": ""},
        ["test_model.py::test_dropout_drops_the_fraction_it_says_and_keeps_the_mean"]),
    "Dropout drops in prediction too": (
        "layers.py", {
            "        if not training:\n            self._seen = None\n            return x\n": ""},
        ["test_model.py::test_dropout_drops_the_fraction_it_says_and_keeps_the_mean"]),
    "Dropout with one mask for ever": (
        "layers.py", {"self.rng.random(x.shape,": "np.random.default_rng(0).random(x.shape,"},
        ["test_model.py::test_dropout_drops_the_fraction_it_says_and_keeps_the_mean"]),
    "Dropout with masks that no seed repeats": (
        "layers.py", {"self.rng.random(x.shape,": "np.random.default_rng().random(x.shape,"},
        ["test_gradients.py::test_what_a_layer_gave_may_be_changed_before_backward",
         "test_model.py::test_same_rng_same_theta"]),
    "Dropout does without rng": (
        "layers.py", {
            "        if rng is None:\n            raise TypeError(":
            "        if rng is False:\n            raise TypeError("},
        ["test_errors.py::test_refused[Dropout without rng]"]),
    "Dropout draws from the generator that shuffles": (
        "layers.py", {
            "        self.rng = np.random.default_rng(child)\n":
            "        self.rng = np.random.default_rng(rng)\n"},
        ["test_model.py::test_adding_dropout_does_not_change_the_shuffling"]),
    "Dropouts of one generator with the same masks": (
        "layers.py", {"bit_generator.seed_seq.spawn(1)[0]": "bit_generator.seed_seq"},
        ["test_model.py::test_two_dropouts_of_one_generator_draw_different_masks"]),

    # BatchNorm ----------------------------------------------------------------------------
    "BatchNorm normalizes with the unbiased variance": (
        "normalization.py", {
            "np.square(x - mean).mean(axis=0, dtype=np.float64)":
            "x.var(axis=0, dtype=np.float64, ddof=1)",
            "var * (len(x) / (len(x) - 1))": "var"},
        ["test_model.py::test_batch_norm_normalizes_and_remembers",
         "test_golden.py::test_batch_norm"]),
    "BatchNorm keeps the biased variance": (
        "normalization.py", {"var * (len(x) / (len(x) - 1))": "var"},
        ["test_golden.py::test_batch_norm",
         "test_golden.py::test_training"]),
    "BatchNorm's momentum the other way round": (
        "normalization.py", {
            "self.momentum * getattr(self, name) + (1 - self.momentum) * value":
            "(1 - self.momentum) * getattr(self, name) + self.momentum * value"},
        ["test_golden.py::test_batch_norm"]),
    "BatchNorm's eps outside the root": (
        "normalization.py", {"np.sqrt(var + self.eps)": "np.sqrt(var) + self.eps"},
        ["test_golden.py::test_batch_norm"]),
    "BatchNorm's gradient takes mean and variance for constants": (
        "normalization.py", {
            "        if moving:                                              # μ":
            "        if False:                                               # μ"},
        ["test_gradients.py::test_layer_for_its_input_and_parameters"]),
    "BatchNorm predicts with the statistics of the batch": (
        "normalization.py", {
            "mean, var = self.running_mean, self.running_var":
            "mean, var = x.mean(axis=0), x.var(axis=0)"},
        ["test_golden.py::test_batch_norm"]),

    # Optimizers ---------------------------------------------------------------------------
    "an optimizer's state kept with the vector: momentum inherits Adam's m": (
        "optimizers.py", {
            "def start(self, theta):": "def start(self, theta, kept={}):",
            "setattr(self, name, np.zeros_like(theta))":
            "setattr(self, name, kept.setdefault((id(theta), name), np.zeros_like(theta)))"},
        ["test_optimizers.py::test_a_new_optimizer_starts_fresh_on_a_trained_model"]),
    "Adam's t advanced once for each parameter": (
        "optimizers.py", {"self.t += 1": "self.t += theta.size"},
        ["test_optimizers.py::test_textbook_form",
         "test_optimizers.py::test_a_step_counts_once_for_the_whole_model"]),
    "eps inside the root": (
        "vector.py", {
            "    np.sqrt(squares, out=out)\n    out += eps\n":
            "    np.add(squares, eps, out=out)\n    np.sqrt(out, out=out)\n"},
        ["test_optimizers.py::test_textbook_form"]),
    "Adam's eps added before the correction": (
        "optimizers.py", {
            "quotient(self.m, self.v, self.eps / of_root, tmp)":
            "quotient(self.m, self.v, self.eps / math.sqrt(1 - self.beta2), tmp)"},
        ["test_optimizers.py::test_textbook_form"]),
    "Adam without bias correction": (
        "optimizers.py", {
            "of_m = (1 - self.beta1) / (1 - self.beta1**self.t)": "of_m = 1 - self.beta1",
            "of_root = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))":
            "of_root = math.sqrt(1 - self.beta2)"},
        ["test_optimizers.py::test_textbook_form"]),
    "Nesterov's step with the old m": (
        "optimizers.py", {
            "        direction = grad\n        if self.momentum:\n":
            "        direction = grad\n        if self.momentum:\n"
            "            old = self.m.copy()\n",
            "np.multiply(self.m, self.momentum, out=tmp)":
            "np.multiply(old, self.momentum, out=tmp)"},
        ["test_optimizers.py::test_textbook_form"]),
    "momentum with the learning rate inside the sum": (
        "optimizers.py", {
            "accumulate(self.m, grad, self.momentum)\n":
            "accumulate(self.m, lr * grad, self.momentum)\n",
            "            direction += grad\n": "            direction += lr * grad\n",
            "theta -= np.multiply(direction, lr, out=tmp)":
            "theta -= direction if self.momentum else lr * direction"},
        ["test_golden.py::test_training"]),
    "momentum as an average": (
        "optimizers.py", {
            "accumulate(self.m, grad, self.momentum)\n":
            "accumulate(self.m, (1 - self.momentum) * grad, self.momentum)\n"},
        ["test_optimizers.py::test_textbook_form"]),
    "a schedule that starts at step 1": (
        "optimizers.py", {
            "        lr = self._rate()\n        self.t += 1\n":
            "        self.t += 1\n        lr = self._rate()\n"},
        ["test_optimizers.py::test_a_schedule_is_asked_once_a_step_from_0"]),
    "a gradient used as scratch memory": (
        "optimizers.py", {
            "accumulate(self.v, np.multiply(grad, grad, out=tmp), self.beta2)":
            "accumulate(self.v, np.multiply(grad, grad, out=grad), self.beta2)"},
        ["test_optimizers.py::test_theta_moves_in_place_and_the_gradient_stays"]),
    "theta rebound by the optimizer": (
        "optimizers.py", {
            "theta -= np.multiply(direction, lr, out=tmp)":
            "theta = theta - np.multiply(direction, lr, out=tmp)"},
        ["test_optimizers.py::test_theta_moves_in_place_and_the_gradient_stays"]),
    "weight decay on biases": (
        "optimizers.py", {"theta[:n_decay] *= 1 - lr": "theta *= 1 - lr"},
        ["test_optimizers.py::test_weight_decay_leaves_biases_alone"]),
    "weight decay passed through Adam's quotient": (
        "optimizers.py", {
            "            theta[:n_decay] *= 1 - lr * self.weight_decay\n":
            "            grad = grad.copy()\n"
            "            grad[:n_decay] += self.weight_decay * theta[:n_decay]\n"},
        ["test_optimizers.py::test_textbook_form"]),
    "weight decay without the learning rate": (
        "optimizers.py", {"1 - lr * self.weight_decay": "1 - self.weight_decay"},
        ["test_optimizers.py::test_textbook_form"]),

    "weight decay that turns weights to their opposite": (
        "optimizers.py", {"if lr * self.weight_decay > 1:": "if False:"},
        ["test_optimizers.py::test_weight_decay_shrinks_weights_to_0_at_most",
         "test_errors.py::test_refused[weights that change sign]",
         "test_errors.py::test_refused[weights that change sign in a later step]"]),
    "too much weight decay noticed at the first step only": (
        "optimizers.py", {"            self._rate() ": "            pass "},
        ["test_errors.py::test_refused[weights that change sign]"]),

    # The model ----------------------------------------------------------------------------
    "a model of one layer crashes": (
        "model.py", {
            "        for layer in self._body:\n            x = layer.forward(":
            "        first, *hidden, last = self._body\n"
            "        for layer in (first, *hidden, last):\n            x = layer.forward("},
        ["test_model.py::test_a_net_of_one_layer_learns"]),
    "biases are never trained": (
        "model.py", {
            "optimizer.step(self.theta, grad, n_decay=self.n_decay)":
            "optimizer.step(self.theta[:self.n_decay], grad[:self.n_decay])"},
        ["test_model.py::test_biases_are_trained"]),
    "a model that does not tell the optimizer what is a weight": (
        "model.py", {
            "optimizer.step(self.theta, grad, n_decay=self.n_decay)":
            "optimizer.step(self.theta, grad)"},
        ["test_optimizers.py::test_weight_decay_leaves_biases_alone"]),
    "biases counted among the weights": (
        "vector.py", {"if array.ndim > 1:": "if array.ndim > 0:"},
        ["test_model.py::test_all_parameters_lie_in_one_vector_matrices_first"]),
    "theta rebound: the layers' views are lost": (
        "model.py", {"self._theta[...] = values": "self._theta = np.array(values)"},
        ["test_model.py::test_assigning_to_theta_copies_into_the_layers"]),
    "grad rebound: the layers' views are lost": (
        "model.py", {"self._grad[...] = values": "self._grad = np.array(values)"},
        ["test_model.py::test_assigning_to_theta_copies_into_the_layers"]),
    "layers with copies where views should be": (
        "vector.py", {
            "layers[i].__dict__[key] = view ": "layers[i].__dict__[key] = view.copy() "},
        ["test_model.py::test_all_parameters_lie_in_one_vector_matrices_first"]),
    "the penalty left out of the loss": (
        "model.py", {"return loss + self._penalty, self.grad": "return loss, self.grad"},
        ["test_gradients.py::test_nets_of_random_depth_and_parts"]),
    "a penalty that is unknown before the first gradient": (
        "model.py", {"self._penalty = 0.0 ": "self._penalty = None "},
        ["test_model.py::test_a_model_with_a_gradient_of_its_own_needs_no_penalty"]),
    "biases first in theta": (
        "vector.py", {"slot[2].ndim < 2": "slot[2].ndim > 1"},
        ["test_model.py::test_all_parameters_lie_in_one_vector_matrices_first",
         "test_model.py::test_the_order_of_theta_is_that_of_the_slots"]),
    "parameters in the order of the layers": (
        "vector.py", {"return sorted(found, key=lambda slot: slot[2].ndim < 2)": "return found"},
        ["test_model.py::test_all_parameters_lie_in_one_vector_matrices_first",
         "test_model.py::test_the_order_of_theta_is_that_of_the_slots"]),
    "a step against a loss of NaN": (
        "model.py", {"if not math.isfinite(loss):": "if math.isinf(loss):"},
        ["test_model.py::test_divergence_stops_with_epoch_and_batch_before_the_step"]),
    "clipping that lengthens short gradients": (
        "vector.py", {"if length > clip:": "if length > 0:"},
        ["test_model.py::test_clipping_scales_long_gradients_and_no_others"]),
    "clipping that takes an infinite gradient for a long one": (
        "vector.py", {"if not math.isfinite(length):": "if math.isnan(length):"},
        ["test_model.py::test_a_gradient_that_cannot_be_shortened_stays"]),
    "clipping to any length, 0 and below too": (
        "vector.py", {
            '    expect_between("Model.train_step", "clip", clip, 0)\n': ""},
        ["test_errors.py::test_refused[a step clipped to 0]",
         "test_errors.py::test_refused[a step clipped to -1]",
         "test_errors.py::test_refused[a step clipped to nan]"]),
    "clipping number by number": (
        "vector.py", {"grad *= clip / length": "np.clip(grad, -clip, clip, out=grad)"},
        ["test_model.py::test_clipping_scales_long_gradients_and_no_others"]),
    "evaluation with Dropout on": (
        "training.py", {
            "model.loss.forward(model._pass(X[part]), y[part],":
            "model.loss.forward(model._pass(X[part], training=True), y[part],"},
        ["test_model.py::test_only_training_drops_and_averages"]),
    "prediction with Dropout on": (
        "model.py", {
            "a = self._pass(X[start:start + training.CHUNK])":
            "a = self._pass(X[start:start + training.CHUNK], training=True)"},
        ["test_model.py::test_only_training_drops_and_averages"]),
    "evaluation over-weights the last short chunk": (
        "training.py", {
            "value * len(y[part])": "value * n / len(range(0, n, CHUNK))"},
        ["test_model.py::test_many_rows_are_evaluated_in_chunks_that_weigh_right"]),

    # Training -----------------------------------------------------------------------------
    "data never shuffled": (
        "training.py", {"order = rng.permutation(rows)": "order = rows"},
        ["test_model.py::test_every_epoch_sees_every_row_in_a_new_order"]),
    "data shuffled once, not for each epoch": (
        "training.py", {
            "order = rng.permutation(rows)":
            "order = np.random.default_rng(0).permutation(rows)"},
        ["test_model.py::test_every_epoch_sees_every_row_in_a_new_order"]),
    "only the order of the batches shuffled": (
        "training.py", {
            "    order = rng.permutation(rows)\n    for start, stop in bounds:\n":
            "    order = rows\n    for start, stop in rng.permutation(bounds):\n"},
        ["test_model.py::test_every_epoch_sees_every_row_in_a_new_order"]),
    "labels not shuffled along": (
        "training.py", {"y.take(part, axis=0)": "y.take(np.sort(part), axis=0)"},
        ["test_model.py::test_fit_is_train_step_over_the_batches",
         "test_model.py::test_a_short_batch_weighs_what_it_holds"]),
    "shuffling by the process's random state": (
        "training.py", {
            "order = rng.permutation(rows)": "order = np.random.permutation(rows)"},
        ["test_model.py::test_fit_is_train_step_over_the_batches",
         "test_model.py::test_same_rng_same_theta"]),
    "the last short batch dropped": (
        "training.py", {
            "pairwise([*range(0, n - least + 1, batch_size), n])":
            "pairwise(range(0, n + 1, batch_size))"},
        ["test_model.py::test_every_epoch_sees_every_row_in_a_new_order",
         "test_model.py::test_fit_is_train_step_over_the_batches"]),
    "a last row alone under BatchNorm": (
        "training.py", {
            "range(0, n - least + 1, batch_size)": "range(0, n, batch_size)"},
        ["test_model.py::test_a_single_last_row_joins_the_batch_before_it_under_batch_norm"]),
    "the last short batch over-weighted": (
        "training.py", {
            "        n += len(x)\n        total += loss * len(x)\n": "        n += 1\n"
            "        total += loss\n",
            "penalty += model._penalty * len(x)": "penalty += model._penalty",
            "score += model.loss.measure() * len(x)": "score += model.loss.measure()"},
        ["test_model.py::test_a_short_batch_weighs_what_it_holds"]),
    "the last batch's loss for the epoch's": (
        "training.py", {"total += loss * len(x)": "total = loss * n"},
        ["test_model.py::test_a_short_batch_weighs_what_it_holds"]),
    "validation rows learnt from": (
        "training.py", {
            "rows, aside = split_rows(y, test=validation,":
            "_, aside = split_rows(y, test=validation,"},
        ["test_model.py::test_validation_rows_are_not_learnt_from"]),
    "the whole numbers of a regression taken for classes": (
        "training.py", {"by_class = model.loss.classifies and": "by_class = "},
        ["test_model.py::test_validation_knows_no_classes_unless_the_loss_does"]),
    "classes guessed where the loss knows of them": (
        "training.py", {"stratify=by_class, rng=rng": "rng=rng"},
        ["test_model.py::test_validation_draws_classes_alike_whatever_their_number",
         "test_model.py::test_validation_of_a_regression_knows_no_classes"]),
    "an overflow in the last step unseen": (
        "training.py", {"if not np.isfinite(model.theta).all():": "if False:"},
        ["test_model.py::test_divergence_in_the_last_step_is_seen_too"]),
    "the best weights kept as views": (
        "training.py", {"[array.copy() for array in self._live()]": "[*self._live()]"},
        ["test_model.py::test_patience_stops_and_puts_the_best_weights_back"]),
    "the best weights put back without BatchNorm's averages": (
        "training.py", {"for name in layer.buffers)]": "for name in ())]"},
        ["test_model.py::test_patience_stops_and_puts_the_best_weights_back"]),
    "a default optimizer shared by all fits": (
        "training.py", {
            "def fit(model, X, y, *,": "SHARED = Adam()\n\n\ndef fit(model, X, y, *,",
            "optimizer = Adam() if": "optimizer = SHARED if"},
        ["test_model.py::test_validation_rows_are_not_learnt_from"]),
    "whole numbers taken for classes, so that of each that occurs twice one row goes": (
        "datasets/splits.py", {
            "if stratify is None and (sizes.min() < 2 or len(sizes) > min(aside, n - aside)):":
            "if stratify is None and sizes.min() < 2:"},
        ["test_datasets.py::test_whole_numbers_that_are_no_classes_leave_the_share_as_it_is",
         "test_datasets.py::test_split_guesses_classes_where_both_parts_have_room_for_all"]),
    "the share of a split rounded class by class": (
        "datasets/splits.py", {"round(test * seen) - taken": "round(test * size)"},
        ["test_datasets.py::test_a_split_by_class_is_as_large_as_asked"]),
    "a class that one part of a split lacks": (
        "datasets/splits.py", {
            "min(max(round(test * seen) - taken, 1), size - 1)": "round(test * seen) - taken"},
        ["test_datasets.py::test_split_keeps_every_class_in_both_parts",
         "test_datasets.py::test_a_split_by_class_is_fair_and_exact_whatever_the_classes"]),
    "small classes paid for by whichever comes next": (
        "datasets/splits.py", {
            'for i in np.argsort(sizes, kind="stable"):':
            'for i in np.argsort(-sizes, kind="stable"):'},
        ["test_datasets.py::test_a_split_by_class_is_fair_and_exact_whatever_the_classes"]),
    "batches never shuffled": (
        "datasets/splits.py", {
            "order = np.random.default_rng(rng).permutation(n) ": "order = np.arange(n) "},
        ["test_model.py::test_fit_is_train_step_over_the_batches"]),
    "batches without the last short one": (
        "datasets/splits.py", {
            "for start in range(0, n, batch_size))":
            "for start in range(0, n - batch_size + 1, batch_size))"},
        ["test_model.py::test_fit_is_train_step_over_the_batches"]),

    # Data ---------------------------------------------------------------------------------
    "numbers of two bytes in the wrong order": (
        "datasets/idx.py", {'0x0B: ">i2"': '0x0B: "<i2"'},
        ["test_idx.py::test_what_was_written_is_read"]),
    "sizes in the wrong order of bytes": (
        "datasets/idx.py", {'int.from_bytes(rest[i:i + 4], "big")':
                            'int.from_bytes(rest[i:i + 4], "little")'},
        ["test_idx.py::test_what_was_written_is_read"]),
    "rows and columns of IDX exchanged": (
        "datasets/idx.py", {"np.empty(sizes, kind)": "np.empty(sizes[::-1], kind)"},
        ["test_idx.py::test_what_was_written_is_read"]),
    "a header of IDX that is not looked at": (
        "datasets/idx.py", {
            'magic[:2] != b"\\0\\0" or ': ""},
        ["test_idx.py::test_refused[magic-plain]"]),
    "a file cut off that is read to its end and no further": (
        "datasets/idx.py", {
            "        if not piece:\n": "        if not piece:\n            return\n"},
        ["test_idx.py::test_refused[cut off-packed]"]),
    "bytes that trail, and a wrong checksum, unseen": (
        "datasets/idx.py", {"if file.read(1): ": "if False: "},
        ["test_idx.py::test_refused[trailing-packed]",
         "test_idx.py::test_a_damaged_or_cut_off_gzip_file_is_refused",
         "test_idx.py::test_a_small_file_that_unpacks_to_much_is_refused_unread"]),
    "memory for more than a plain file holds": (
        "datasets/idx.py", {"if not packed and length != header + claim:": "if False:"},
        ["test_idx.py::test_refused[large-plain]"]),
    "memory for whatever a header promises": (
        "datasets/idx.py", {
            "if math.prod(size or 1 for size in sizes) * itemsize > max_bytes:": "if False:"},
        ["test_idx.py::test_a_small_file_that_unpacks_to_much_is_refused_unread"]),
    "memory for more than a packed file can hold": (
        "datasets/idx.py", {"if packed and claim > DEFLATE * length:": "if False:"},
        ["test_idx.py::test_refused[large-packed]"]),
    "EMNIST left as it is stored": (
        "datasets/handwriting.py", {"        _turn(images)\n": "        pass\n"},
        ["test_handwriting.py::test_emnist_is_turned_upright"]),
    "EMNIST turned round in place of over": (
        "datasets/handwriting.py", {
            "part.transpose(0, 2, 1).copy()": "part.transpose(0, 2, 1)[:, ::-1].copy()"},
        ["test_handwriting.py::test_emnist_is_turned_upright",
         "test_handwriting.py::test_many_images_are_turned_one_by_one"]),
    "MNIST turned over too": (
        "datasets/handwriting.py", {
            "    if split is not None:\n        _turn": "    if True:\n        _turn"},
        ["test_handwriting.py::test_mnist_is_upright_already"]),
    "letters that count from 1": (
        "datasets/handwriting.py", {'if split == "letters":': "if False:"},
        ["test_handwriting.py::test_letters_count_from_zero"]),
    "all of EMNIST taken to count from 1": (
        "datasets/handwriting.py", {'if split == "letters":': "if split is not None:"},
        ["test_handwriting.py::test_emnist_is_turned_upright"]),
    "a label below 0 taken for the last class": (
        "datasets/handwriting.py", {
            "not 0 <= y.min() <= y.max() < n_classes": "not y.max() < n_classes"},
        ["test_handwriting.py::test_labels_out_of_range_are_refused[letters-labels0]"]),
    "images and labels of different files paired": (
        "datasets/handwriting.py", {"if len(images) != len(labels):": "if False:"},
        ["test_handwriting.py::test_unequal_numbers_of_images_and_labels_are_refused"]),
    "a file of the right length taken for the official one": (
        "datasets/files.py", {"if digest.hexdigest() != file.sha256:": "if False:"},
        ["test_files.py::test_a_bad_file_of_the_users_is_told_and_left_alone"]),
    "all of a file appended to its first part": (
        "datasets/download.py", {"return 0      ": "return have      "},
        ["test_files.py::test_a_server_without_ranges_sends_all_again"]),
    "a download that always starts anew": (
        "datasets/download.py", {"    have = _length(path)\n    if have > size:":
                                 "    path.unlink(missing_ok=True)\n    have = 0\n"
                                 "    if have > size:"},
        ["test_files.py::test_a_download_goes_on_where_it_broke_off"]),
    "a web page taken for a download": (
        "datasets/download.py", {"if not piece.startswith(magic):": "if False:"},
        ["test_files.py::test_a_fault_is_told_and_the_next_address_tried[/a-a web page]"]),
    "what is left on a full disk": (
        "datasets/download.py", {"if full and spoiled is not None:": "if False:"},
        ["test_files.py::test_a_full_disk"]),
    "glyphs that lie on their side": (
        "datasets/fonts.py", {
            "corner = row * TILE + column +": "corner = column * TILE + row +"},
        ["test_fonts.py::test_they_stand_upright"]),

    # Pictures -----------------------------------------------------------------------------
    "paper taken for ink": (
        "datasets/photos.py", {"ink = max(light, dark,": "ink = min(light, dark,"},
        ["test_photos.py::test_the_same_character_whatever_the_picture"]),
    "all paper taken to be light": (
        "datasets/photos.py", {
            "ink = max(light, dark, key=lambda side: (side * side * side).sum())": "ink = dark"},
        ["test_photos.py::test_the_same_character_whatever_the_picture[white on black-mnist]"]),
    "paper taken to be evenly lit": (
        "datasets/photos.py", {"for degree in (3, 6, 6, 6):": "for degree in (1, 1, 1, 1):",
                               "zip(weights, _terms(y, x), strict=True)":
                               "zip(weights, _terms(y, x))"},
        ["test_photos.py::test_the_same_character_whatever_the_picture"
         "[uneven light and noise-mnist]"]),
    "noise measured on the ink too": (
        "datasets/photos.py", {"np.median(miss[near]))           #": "np.median(miss))    #"},
        ["test_photos.py::test_more_ink_than_paper"]),
    "dirt taken for ink": (
        "datasets/photos.py", {"areas >= max(SPECK * areas.max(), 1)": "areas >= 1"},
        ["test_photos.py::test_the_same_character_whatever_the_picture[specks of dirt-mnist]"]),
    "a picture that stays on its side": (
        "datasets/photos.py", {
            "                picture = ImageOps.exif_transpose(picture)\n":
            "                ImageOps.exif_transpose(picture)\n"},
        ["test_photos.py::test_the_same_character_whatever_the_picture[turned by EXIF-mnist]"]),
    "16 bits cut to 8": (
        "datasets/photos.py", {'if picture.mode.startswith(("I", "F")):': "if False:"},
        ["test_photos.py::test_the_same_character_whatever_the_picture[16 bits-mnist]"]),
    "light ink on nothing laid on white": (
        "datasets/photos.py", {"(1 - alpha) * (0 if dark else 1)": "(1 - alpha)"},
        ["test_photos.py::test_the_same_character_whatever_the_picture[light on nothing-mnist]"]),
    "the aspect lost": (
        "datasets/photos.py", {
            "*(max(round(length * scale), 1) for length in ink.shape)": "side, side"},
        ["test_photos.py::test_emnist_is_24_long_with_its_blur_and_centred_by_its_box"]),
    "MNIST centred by its box": (
        "datasets/photos.py", {"corner.append(min(max(round(14 - centre), 0), 28 - length))":
                               "corner.append((28 - length) // 2)"},
        ["test_photos.py::test_mnist_is_20_long_and_centred_by_mass"]),
    "MNIST a pixel too far up": (
        "datasets/photos.py", {"round(14 - centre)": "round(12.8 - centre)"},
        ["test_photos.py::test_mnist_is_20_long_and_centred_by_mass"]),
    "EMNIST without its border": (
        "datasets/photos.py", {"round(max(fine.shape) * 28 / 24)": "max(fine.shape)"},
        ["test_photos.py::test_emnist_is_24_long_with_its_blur_and_centred_by_its_box"]),
    "a fine pen left as it is": (
        "datasets/photos.py", {"if width >= wanted:": "if True:"},
        ["test_photos.py::test_a_fine_pen_is_made_wider"]),
    "a picture of any size unpacked": (
        "datasets/photos.py", {"if picture.width * picture.height > MOST:": "if False:"},
        ["test_photos.py::test_refused[a large one]"]),

    # The command line ---------------------------------------------------------------------
    "only the first of several widths": (
        "commands/options.py", {"while rest and not is_option(rest[0]):":
                                "if rest and not is_option(rest[0]):"},
        ["test_commands.py::test_hidden_takes_all_numbers_that_follow"]),
    "a width below 0 taken for an option": (
        "commands/options.py", {
            'word.startswith("-") and not word.lstrip("-")[:1].isdigit()': 'word.startswith("-")'},
        ["test_commands.py::test_hidden_refuses_what_is_no_width"]),
    "another program's -h taken for ours": (
        "commands/machine.py", {"if not args or args[0] in ctx.help_option_names:":
                                "if not args or {*args} & {*ctx.help_option_names}:"},
        ["test_blas.py::test_run_hands_on_every_word_as_it_is"]),
    "a seed that decides the weights alone": (
        "commands/train.py", {"on_epoch_end=tell, rng=rng,": "on_epoch_end=tell, rng=None,"},
        ["test_commands.py::test_the_same_seed_gives_the_same_file_whatever_the_terminal"]),
    "a cosine as long as an epoch": (
        "commands/train.py", {'steps=steps * options["epochs"]': "steps=steps"},
        ["test_commands.py::test_settings_reach_the_optimizer"]),
    "a penalty on the first layer alone": (
        "commands/recipe.py", {
            "layers += [Dense(n_in, n_classes, l2=l2, rng=rng), Softmax()]":
            "layers += [Dense(n_in, n_classes, rng=rng), Softmax()]"},
        ["test_commands.py::test_the_layers_that_options_ask_for"]),
    "the spiral tested on what it was trained on": (
        "commands/sets.py", {"for rng in (0, 1) for array": "for rng in (0, 0) for array"},
        ["test_commands.py::test_every_name_of_data_can_be_loaded"]),
    "rows and columns of confused pairs exchanged": (
        "commands/evaluate.py", {"metrics.confusion_matrix(taken, y, len(data.classes))":
                                 "metrics.confusion_matrix(y, taken, len(data.classes))"},
        ["test_commands.py::test_evaluate_counts_right"]),
    "names from a file sent to the terminal unseen": (
        "commands/notes.py", {" or not name.isprintable():": ":"},
        ["test_commands.py::test_notes_that_do_not_fit_are_refused"]),
    "notes that JSON changes on the way": (
        "store.py", {"json.loads(json.dumps(notes)) == notes": "bool(json.dumps(notes))"},
        ["test_errors.py::test_refused[notes that are a tuple]"]),
    "a model of letters shown pictures framed as digits": (
        "commands/predict.py", {'"glyphs": "emnist", "characters": "emnist"}':
                                '"glyphs": "mnist", "characters": "mnist"}'},
        ["test_commands.py::test_pictures_are_framed_as_what_the_model_learnt_from"]),
    "Ctrl-C that looks like success": (
        "commands/train.py", {"        ctx.exit(STOPPED)\n": "        pass\n"},
        ["test_commands.py::test_ctrl_c_keeps_and_saves_what_was_learnt"]),

    # The gradient check -------------------------------------------------------------------
    "a gradient check in float32": (
        "checks/gradients.py", {".astype(np.float64)": ".astype(np.float32)"},
        ["test_gradients.py::test_gradient_check_passes_right_nets_and_changes_nothing"]),
    "a gradient check with new masks each time": (
        "checks/gradients.py", {"            generator.state = state\n": "            pass\n"},
        ["test_gradients.py::test_gradient_check_passes_right_nets_and_changes_nothing"]),
    "a gradient check by one-sided differences": (
        "checks/gradients.py", {"for sign in (1, -1))": "for sign in (2, 0))"},
        ["test_gradients.py::test_gradient_check_passes_right_nets_and_changes_nothing"]),
    "a gradient check that lets gradients accumulate": (
        "checks/gradients.py", {"model.grad[...] = np.nan": "pass"},
        ["test_gradients.py::test_gradient_check_finds_gradients_that_accumulate"]),
    "cross-entropy of rows that are no distribution": (
        "losses.py", {"if off > 1e-3:": "if False:"},
        ["test_errors.py::test_refused[probabilities that do not sum to 1]"]),
    "a clipped gradient whose length overflows to infinity": (
        "vector.py", {"np.linalg.norm(grad.astype(np.float64))":
                      "np.sqrt(np.vdot(grad, grad))"},
        ["test_model.py::test_clipping_survives_a_gradient_whose_square_overflows"]),
    "an optimizer that moves any vector of the right size": (
        "optimizers.py", {"if self._mine is not None or not fits:": "if not fits:"},
        ["test_errors.py::test_refused"]),
    "BatchNorm's averages ruined by a refused step": (
        "normalization.py", {"if np.isfinite(var).all():": "if True:"},
        ["test_model.py::test_a_refused_step_leaves_batch_norm_as_it_was"]),

    # Tables of formulas, and source -------------------------------------------------------
    "a formula's numbers broadcast against the others": (
        "checks/formulas.py", {
            "if found.shape != expected.shape:\n        return np.inf":
            "found, expected = np.broadcast_arrays(found, expected)"},
        ["test_formulas.py::test_wrong_formulas"]),
    "a formula of NaN taken for right": (
        "checks/formulas.py", {
            "all(error <= self.tolerance for": "not any(error > self.tolerance for"},
        ["test_formulas.py::test_wrong_formulas"]),
    "a formula of no numbers taken for right": (
        "checks/formulas.py", {
            "if not found.size or not np.isfinite(largest):": "if not np.isfinite(largest):"},
        ["test_formulas.py::test_wrong_formulas"]),
    "one right formula makes the table right": (
        "checks/formulas.py", {
            "all(error <= self.tolerance for": "any(error <= self.tolerance for"},
        ["test_formulas.py::test_one_wrong_formula_makes_the_table_wrong"]),
    "numbers whose squares vanish taken for equal": (
        "checks/formulas.py", {
            "found, expected = found / largest, expected / largest ": "",
            "    return float(np.linalg.norm(found - expected) / length)":
            "    return float(np.linalg.norm(found - expected) / length) if length else 0.0"},
        ["test_formulas.py::test_wrong_formulas"]),
    "a slope taken between an array and itself": (
        "checks/formulas.py", {"return value.item()": "return value.reshape(())"},
        ["test_formulas.py::test_a_function_may_return_what_it_was_given"]),
    "a one-sided slope": (
        "checks/formulas.py", {
            "q[i] = kept - step": "q[i] = kept", "/ (2 * step)": "/ step"},
        ["test_formulas.py::test_the_difference_is_central"]),
    "a slope in the integers that it was given": (
        "checks/formulas.py", {"q = np.array(at, np.float64)": "q = np.array(at)"},
        ["test_formulas.py::test_numerical_gradient"]),
    "a slope that leaves its steps in the caller's array": (
        "checks/formulas.py", {"q = np.array(at, np.float64)": "q = np.asarray(at, np.float64)",
                               "        q[i] = kept\n": ""},
        ["test_formulas.py::test_numerical_gradient"]),
    "comments of displayed code out of line": (
        "source.py", {"(?<=\\S) {3,}# ": " {3,}# "},
        ["test_formulas.py::test_source_draws_comments_near_and_keeps_their_indentation"]),

    # Pictures of images and of an evaluation ------------------------------------------------
    "pixels of an image that are not equally wide": (
        "plots/images.py", {"side = _whole(side) or side": "side = 0.97 * side"},
        ["test_plots.py::test_every_pixel_of_an_image_is_as_wide_as_the_next_in_the_file"]),
    "weights whose 0 has another colour in each image": (
        "plots/images.py", {"return -top, top": "return X.min(axis=(1, 2)), top"},
        ["test_plots.py::test_floats_share_one_scale_and_weights_have_their_own_about_0"]),
    "each image as bright as its own brightest pixel": (
        "plots/images.py", {
            "top = 255 if X.dtype == np.uint8 else float(X.max())":
            "return X.min(axis=(1, 2)), X.max(axis=(1, 2))"},
        ["test_plots.py::test_images_stand_in_rows_white_on_black_each_as_it_is"]),
    "a picture of the confusion on its side": (
        "plots/evaluation.py", {"    C = np.asarray(C)\n": "    C = np.asarray(C).T\n"},
        ["test_plots.py::test_a_confusion_matrix_shows_shares_of_its_rows",
         "test_plots.py::test_counts_are_written_where_few_classes_leave_room"]),
    "shares of what was predicted for shares of what is": (
        "plots/evaluation.py", {"C.sum(axis=1, keepdims=True)": "C.sum(axis=0, keepdims=True)"},
        ["test_plots.py::test_a_confusion_matrix_shows_shares_of_its_rows"]),
    "rare mistakes as dark as none": (
        "plots/evaluation.py", {
            "MISTAKES(LogNorm(RAREST, 1, clip=True)(share))":
            "LinearSegmentedColormap.from_list('a', [TILE, '#ffe0c2'])(share)"},
        ["test_plots.py::test_rare_mistakes_stand_out_from_none"]),
    "luck that does not shrink with the number in a bin": (
        "plots/evaluation.py", {
            "a * (1 - a) / n + 0.25 / n**2": "a * (1 - a) + 0.25 / n**2"},
        ["test_plots.py::test_reliability_shows_dots_their_luck_and_how_many"]),
    "a bin of one, right once, drawn as a certainty": (
        "plots/evaluation.py", {"a * (1 - a) / n + 0.25 / n**2": "a * (1 - a) / n",
                                "(a + 0.5 / n) / (1 + 1 / n)": "a"},
        ["test_plots.py::test_reliability_does_not_trust_a_bin_of_one"]),
    "a confidence on the edge of two bins counted above it": (
        "metrics.py", {"np.searchsorted(np.arange(1, bins) / bins, highest)":
                       "np.searchsorted(np.arange(1, bins) / bins, highest, 'right')"},
        ["test_properties.py::test_a_confidence_on_an_edge_belongs_to_the_bin_below_it"]),
    "bins whose edges are rounded": (
        "metrics.py", {"np.searchsorted(np.arange(1, bins) / bins, highest)":
                       "np.clip(np.ceil(highest * bins).astype(int) - 1, 0, bins - 1)"},
        ["test_properties.py::test_a_confidence_on_an_edge_belongs_to_the_bin_below_it"]),
    "a calibration error in which every bin counts alike": (
        "metrics.py", {"float(counts[some] @ gaps / counts.sum())": "float(gaps.mean())"},
        ["test_properties.py::test_calibration_is_what_counting_row_by_row_gives"]),
    "a calibration error in which bins make up for each other": (
        "metrics.py", {
            "gaps = np.abs(right[some] - confidence[some])\n    return float(":
            "gaps = right[some] - confidence[some]\n    return abs("},
        ["test_properties.py::test_calibration_is_what_counting_row_by_row_gives"]),
    "empty bins of a calibration at 0": (
        "metrics.py", {"out=np.full(bins, np.nan)": "out=np.zeros(bins)"},
        ["test_properties.py::test_calibration_is_what_counting_row_by_row_gives"]),

    # The report, and where a model looks ----------------------------------------------------
    "another average for the macro F1": (
        "report/sections.py", {"f.averaged('macro')[2]": "f.averaged('weighted')[2]"},
        ["test_report.py::test_the_verdict_is_scikit_learns"]),
    "the luck of one image for that of n": (
        "report/findings.py", {"self.accuracy * (1 - self.accuracy) / self.n":
                               "self.accuracy * (1 - self.accuracy)"},
        ["test_report.py::test_the_verdict_is_scikit_learns"]),
    "a model blamed for luck": (
        "report/sections.py", {"if abs(gap) > 2 * f.standard_error:": "if gap:"},
        ["test_report.py::test_the_verdict_says_whether_to_believe_the_model"]),
    "right answers among the most frequent mistakes": (
        "report/findings.py", {"wrong = self.counts - np.diag(np.diag(self.counts))":
                               "wrong = self.counts.copy()"},
        ["test_report.py::test_the_most_frequent_mistakes_are_listed_most_frequent_first"]),
    "mistakes as shares of what was predicted": (
        "report/sections.py", {"percent(count / f.counts[i].sum())":
                               "percent(count / f.counts[:, j].sum())"},
        ["test_report.py::test_the_most_frequent_mistakes_are_listed_most_frequent_first"]),
    "the least confident mistakes": (
        "report/findings.py", {"np.argsort(-self.confidence[wrong], kind":
                               "np.argsort(self.confidence[wrong], kind"},
        ["test_report.py::test_mistakes_are_those_of_which_the_model_was_surest"]),
    "a report whose names are markup": (
        "report/html.py", {"html.escape(str(value))": "str(value)"},
        ["test_report.py::test_names_are_text_and_never_markup"]),
    "a report whose alt texts end at a quote": (
        "report/html.py", {"html.escape(str(value))": "html.escape(str(value), quote=False)"},
        ["test_report.py::test_names_are_text_and_never_markup"]),
    "a report written over the old one": (
        "report/__init__.py", {"with whole(path) as file:": "with open(path, 'wb') as file:"},
        ["test_report.py::test_a_failure_leaves_the_old_file_and_no_litter"]),
    "what is left of a file that could not be written": (
        "_whole.py", {"        temporary.unlink(missing_ok=True)\n": ""},
        ["test_report.py::test_a_failure_leaves_the_old_file_and_no_litter",
         "test_store.py::test_a_failed_save_leaves_the_old_file_and_no_litter"]),
    "a patch that wraps around the image": (
        "occlusion.py", {"max(top, 0):top + size": "top:top + size"},
        ["test_report.py::test_occlusion_is_what_covering_one_place_at_a_time_gives"]),
    "patches that stay where they were": (
        "occlusion.py", {
            "covered[j, max(top": "covered[j:, max(top"},
        ["test_report.py::test_occlusion_is_what_covering_one_place_at_a_time_gives"]),
    "a fall that is a rise": (
        "occlusion.py", {"p[0, label] - model.predict_proba(covered.reshape(w, -1))[:, label]":
                         "model.predict_proba(covered.reshape(w, -1))[:, label] - p[0, label]"},
        ["test_report.py::test_occlusion_is_what_covering_one_place_at_a_time_gives"]),
}
