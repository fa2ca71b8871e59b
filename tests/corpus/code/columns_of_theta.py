"""One vector in Fortran order, biases first, a loop over samples, a penalty."""

import numpy as np
def sigmoid(x): return 1.0/(1.0+np.exp(-x))
def nn_cost(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, Lambda):
    T1 = np.reshape(nn_params[:hidden_layer_size*(input_layer_size+1)], (hidden_layer_size, input_layer_size+1), order='F')
    T2 = np.reshape(nn_params[hidden_layer_size*(input_layer_size+1):], (num_labels, hidden_layer_size+1), order='F')
    m = len(y)
    D1 = np.zeros(T1.shape); D2 = np.zeros(T2.shape); J = 0
    for t in range(m):
        a1 = np.append(1, X[t])
        z2 = T1 @ a1
        a2 = np.append(1, sigmoid(z2))
        a3 = sigmoid(T2 @ a2)
        J += -(y[t]*np.log(a3) + (1-y[t])*np.log(1-a3)).sum()/m
        d3 = a3 - y[t]
        d2 = (T2.T @ d3)[1:] * sigmoid(z2)*(1-sigmoid(z2))
        D1 += np.outer(d2, a1); D2 += np.outer(d3, a2)
    T1g = D1/m; T2g = D2/m
    T1g[:,1:] += Lambda/m*T1[:,1:]; T2g[:,1:] += Lambda/m*T2[:,1:]
    J += Lambda/(2*m)*((T1[:,1:]**2).sum()+(T2[:,1:]**2).sum())
    return J, np.concatenate((T1g.ravel(order='F'), T2g.ravel(order='F')))
