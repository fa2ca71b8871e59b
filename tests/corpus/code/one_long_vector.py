"""All parameters in one vector, a column of biases in front of each matrix, sigmoid, penalty."""

import numpy as np


def g(z):
    return 1 / (1 + np.exp(-z))


def cost_function(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lambda_):
    cut = hidden_layer_size * (input_layer_size + 1)
    Theta1 = nn_params[:cut].reshape(hidden_layer_size, input_layer_size + 1)
    Theta2 = nn_params[cut:].reshape(num_labels, hidden_layer_size + 1)
    m = X.shape[0]
    ones = np.ones((m, 1))
    a1 = np.hstack([ones, X])
    z2 = a1 @ Theta1.T
    a2 = np.hstack([ones, g(z2)])
    z3 = a2 @ Theta2.T
    a3 = g(z3)
    J = -np.sum(y * np.log(a3) + (1 - y) * np.log(1 - a3)) / m
    J += lambda_ / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))
    d3 = a3 - y
    d2 = (d3 @ Theta2[:, 1:]) * g(z2) * (1 - g(z2))
    Theta1_grad = d2.T @ a1 / m
    Theta2_grad = d3.T @ a2 / m
    Theta1_grad[:, 1:] += lambda_ / m * Theta1[:, 1:]
    Theta2_grad[:, 1:] += lambda_ / m * Theta2[:, 1:]
    return J, np.concatenate([Theta1_grad.ravel(), Theta2_grad.ravel()])
