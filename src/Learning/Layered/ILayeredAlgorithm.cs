using MetaMap.Learning.Models;

namespace MetaMap.Learning.Layered;

/// <summary>An inner loop of gradient descent as <see cref="LayeredMaml{T}"/> needs to know it.</summary>
/// <param name="Steps">0 or more.</param>
/// <param name="Rate">Inner rate of the adapting weights, where rates are not learned.</param>
/// <param name="Adapts">Whether each entry of the network's parameters adapts.</param>
/// <param name="IsSecondOrder">Whether the gradient goes through the steps; otherwise it is that of the last weights alone.</param>
/// <param name="LearnsRates">A rate for every adapting weight follows the network's parameters, entry by entry.</param>
internal sealed record LayeredInnerLoop(int Steps, double Rate, IReadOnlyList<bool> Adapts, bool IsSecondOrder, bool LearnsRates);

/// <summary>An algorithm whose meta-gradients <see cref="LayeredMaml{T}"/> can compute.</summary>
internal interface ILayeredAlgorithm
{
    /// <summary>Its inner loop.</summary>
    LayeredInnerLoop LayeredLoop(IModel model);
}
