"""Lists of in × out matrices, rows, ReLU and a linear output; alpha is a penalty, not a rate."""

import numpy as np
def relu(x): return np.maximum(0, x)
def loss_grad(X, y, coefs, intercepts, alpha):
    n = X.shape[0]
    acts = [X]
    for i in range(len(coefs)):
        z = acts[-1] @ coefs[i] + intercepts[i]
        acts.append(relu(z) if i < len(coefs)-1 else z)
    loss = ((acts[-1]-y)**2).sum()/2/n + alpha/2/n*sum((c**2).sum() for c in coefs)
    deltas = [None]*len(coefs); cg=[None]*len(coefs); ig=[None]*len(coefs)
    deltas[-1] = acts[-1]-y
    for i in reversed(range(len(coefs))):
        cg[i] = (acts[i].T @ deltas[i] + alpha*coefs[i])/n
        ig[i] = deltas[i].mean(0)
        if i: deltas[i-1] = (deltas[i] @ coefs[i].T) * (acts[i] > 0)
    return loss, cg, ig
