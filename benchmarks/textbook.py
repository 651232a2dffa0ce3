"""A network as textbooks write it: objects that keep everything, new arrays at every line.

In the manner of *Neural Networks from Scratch in Python* (Kinsley and Kukieła 2020), in our
own words: each formula of its own, the optimizer's arrays with each layer. It computes what
nnlib computes, and is what a reader has written after the chapters.
"""

import numpy as np


class DenseLayer:
    """z = x W + b, the gradient of the input included, whether or not somebody needs it."""

    def __init__(self, weights, biases):
        self.weights = weights.copy()                           # (n_in, n_out)
        self.biases = biases.reshape(1, -1).copy()              # (1, n_out)

    def forward(self, inputs):
        """Keep the inputs and the output."""
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        """Keep all three gradients."""
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class ReLUActivation:
    """max(0, z)."""

    def forward(self, inputs):
        """Keep the inputs and the output."""
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        """Copy the gradient and clear it where the unit was off."""
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0


class SoftmaxWithLoss:
    """Softmax and cross-entropy, joined for the short form of their gradient."""

    def forward(self, inputs, labels):
        """Keep the probabilities and return the mean loss."""
        exponents = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = exponents / np.sum(exponents, axis=1, keepdims=True)
        clipped = np.clip(self.output, 1e-7, 1 - 1e-7)
        confidences = clipped[range(len(labels)), labels]
        return np.mean(-np.log(confidences))

    def backward(self, labels):
        """Keep (p - Y) / n."""
        n = len(labels)
        self.dinputs = self.output.copy()
        self.dinputs[range(n), labels] -= 1
        self.dinputs = self.dinputs / n


class AdamOptimizer:
    """Adam, layer by layer, with moments that each layer carries."""

    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        self.learning_rate, self.epsilon = learning_rate, epsilon
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.iterations = 0

    def update(self, layer):
        """Move the weights and the biases of one layer."""
        if not hasattr(layer, "weight_momentums"):
            layer.weight_momentums = np.zeros_like(layer.weights)
            layer.weight_cache = np.zeros_like(layer.weights)
            layer.bias_momentums = np.zeros_like(layer.biases)
            layer.bias_cache = np.zeros_like(layer.biases)
        b1, b2 = self.beta_1, self.beta_2
        layer.weight_momentums = b1 * layer.weight_momentums + (1 - b1) * layer.dweights
        layer.bias_momentums = b1 * layer.bias_momentums + (1 - b1) * layer.dbiases
        layer.weight_cache = b2 * layer.weight_cache + (1 - b2) * layer.dweights**2
        layer.bias_cache = b2 * layer.bias_cache + (1 - b2) * layer.dbiases**2
        m_share = 1 - b1**(self.iterations + 1)
        v_share = 1 - b2**(self.iterations + 1)
        weight_momentums = layer.weight_momentums / m_share
        bias_momentums = layer.bias_momentums / m_share
        weight_cache = layer.weight_cache / v_share
        bias_cache = layer.bias_cache / v_share
        layer.weights += (-self.learning_rate * weight_momentums
                          / (np.sqrt(weight_cache) + self.epsilon))
        layer.biases += (-self.learning_rate * bias_momentums
                         / (np.sqrt(bias_cache) + self.epsilon))


class Network:
    """Dense layers with ReLU between them, and the loop's body as its step."""

    def __init__(self, weights, learning_rate):
        self.dense = [DenseLayer(*pair) for pair in weights]
        self.active = [ReLUActivation() for _ in weights[1:]]
        self.head = SoftmaxWithLoss()
        self.optimizer = AdamOptimizer(learning_rate)

    def step(self, X, y):
        """Forward, backward, update; return the loss before it."""
        values = X
        for dense, relu in zip(self.dense, self.active, strict=False):
            dense.forward(values)
            relu.forward(dense.output)
            values = relu.output
        self.dense[-1].forward(values)
        loss = self.head.forward(self.dense[-1].output, y)
        self.head.backward(y)
        self.dense[-1].backward(self.head.dinputs)
        values = self.dense[-1].dinputs
        for dense, relu in zip(self.dense[-2::-1], self.active[::-1], strict=True):
            relu.backward(values)
            dense.backward(relu.dinputs)
            values = dense.dinputs
        for dense in self.dense:
            self.optimizer.update(dense)
        self.optimizer.iterations += 1
        return loss
