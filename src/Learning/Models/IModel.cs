using MetaMap.Core.Parameters;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// A network without weights: a pure function of an explicit list of parameters, so that the same forward pass runs
/// on meta-parameters and on fast weights. Works in float32 and float64. Immutable, safe for many threads.
/// Where it <see cref="TakesTasks"/>, inputs, and what comes of them, may begin with one more dimension, that of tasks side by side; then
/// parameters may, too, and those without are shared by all tasks.
/// </summary>
public interface IModel
{
    /// <summary>The parameters that the network takes, those of its body first, then those of its head.</summary>
    ParameterSchema Schema { get; }

    /// <summary>Whether it computes tasks side by side, each as by itself: what batch norm normalises by is one task's.</summary>
    bool TakesTasks => false;

    /// <summary>The feature map f: what the head reads.</summary>
    /// <param name="parameters">One tensor per parameter of the body, in order, all of one dtype; what follows them is ignored.</param>
    /// <param name="inputs">[inputs, …sizes of one input], of the parameters' dtype.</param>
    /// <param name="pass">What batch norm normalises by, and what modulates the hidden layer.</param>
    /// <returns>[inputs, features], a fresh tensor in the caller's dispose scope.</returns>
    torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass);

    /// <summary>What its hidden layers read, for heads that also look past them; null where it offers nothing, with a <see cref="Training.Configuration.IModelDefinition.SkipLength"/> of 0.</summary>
    /// <param name="parameters">As for <see cref="Features"/>.</param>
    /// <param name="inputs">[inputs, …sizes of one input].</param>
    /// <returns>[inputs, skip length], in the caller's dispose scope.</returns>
    torch.Tensor? Skip(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs) => null;

    /// <summary>The head: logits or predicted values.</summary>
    /// <param name="parameters">The parameters of body and head, in order.</param>
    /// <param name="features">[inputs, features].</param>
    /// <returns>[inputs, outputs], a fresh tensor in the caller's dispose scope.</returns>
    torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features);

    /// <summary>Features and head: [inputs, outputs], a fresh tensor in the caller's dispose scope.</summary>
    torch.Tensor Forward(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) =>
        Head(parameters, Features(parameters, inputs, pass));
}
