using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// Gradient descent on the support loss from learned weights, and the gradient of the query loss of what came of them. The
/// methods of the family differ in what adapts, at which rate, and in the order of the gradient.
/// </summary>
/// <remarks>
/// Deviations of all of them: inner and outer losses are means over examples, where the code of MAML's authors sums the inner
/// loss over N·K examples and divides by K (its inner rate 0.4 is 2.0 here in 5-way episodes); gradients are not clipped
/// unless asked for; where rates are not learned, the inner loop may use another optimiser than gradient descent, and is
/// differentiated through it.
/// </remarks>
/// <param name="options">Inner rate, steps, optimiser and clip; recomputation.</param>
internal sealed class MamlFamily(InnerLoopOptions options) : IMetaAlgorithm
{
    /// <summary>The role of the weights that adapt; null for all.</summary>
    private ParameterRole? Adapts { get; init; }

    /// <summary>A rate for every adapting weight is a meta-parameter, and not one constant.</summary>
    private bool LearnsRates { get; init; }

    private InnerGraph Order { get; init; } = InnerGraph.SecondOrder;

    /// <summary>Model-agnostic meta-learning with its true second-order gradient.</summary>
    /// <remarks>
    /// Paper: C. Finn, P. Abbeel, S. Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks. ICML 2017,
    /// algorithm 1 and equation 1. The gradient is d L_query(theta_K) / d theta, through every inner step.
    /// </remarks>
    public static MamlFamily Maml(InnerLoopOptions options) => new(options);

    /// <summary>First-order MAML: the query gradient at the adapted parameters, taken as if they were theta.</summary>
    /// <remarks>
    /// Paper: Finn, Abbeel, Levine (as <see cref="Maml"/>), section 5.2; named and analysed by A. Nichol, J. Achiam,
    /// J. Schulman. On First-Order Meta-Learning Algorithms. 2018, section 2. The gradient is d L_query(theta_K) / d theta_K;
    /// memory does not grow with the number of inner steps.
    /// </remarks>
    public static MamlFamily Fomaml(InnerLoopOptions options) => new(options) { Order = InnerGraph.FirstOrder };

    /// <summary>
    /// Almost no inner loop: only the head adapts; the body is learned by the outer loop alone, through the head's steps.
    /// </summary>
    /// <remarks>
    /// Paper: A. Raghu, M. Raghu, S. Bengio, O. Vinyals. Rapid Learning or Feature Reuse? Towards Understanding the
    /// Effectiveness of MAML. ICLR 2020, section 4 and equation 1. The gradient is of second order, for body and head.
    /// </remarks>
    public static MamlFamily Anil(InnerLoopOptions options) => new(options) { Adapts = ParameterRole.Head };

    /// <summary>Body only update in the inner loop: the features adapt and the head stays, so that representations must change.</summary>
    /// <remarks>
    /// Paper: J. Oh, H. Yoo, C. Kim, S.-Y. Yun. BOIL: Towards Representation Change for Few-shot Learning. ICLR 2021,
    /// section 3.2 and equation 3 (the head's inner rate is 0). The gradient is of second order, for body and head.
    /// </remarks>
    public static MamlFamily Boil(InnerLoopOptions options) => new(options) { Adapts = ParameterRole.Body };

    /// <summary>
    /// MAML that learns a rate for every single weight: direction and length of the inner step are learned with where it begins.
    /// </summary>
    /// <remarks>
    /// <para>Paper: Z. Li, F. Zhou, F. Chen, H. Li. Meta-SGD: Learning to Learn Quickly for Few-Shot Learning. 2017,
    /// equation 4 and algorithm 1: theta' = theta - alpha ∘ grad L_support(theta), one step. With one step the gradient of
    /// alpha is -grad L_support(theta) ∘ grad L_query(theta').</para>
    /// <para>Meta-parameters: the network's, then <c>rate.…</c> of the shape of each.</para>
    /// <para>Deviations beside those of the family: all rates begin with one value, where the paper draws them from 0.005 to
    /// 0.1; more steps than one take the same rates.</para>
    /// </remarks>
    public static MamlFamily MetaSgd(InnerLoopOptions options) => new(options) { LearnsRates = true };

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) =>
        InnerDifferentiation.OfLastStep(Episode(problem), metaParameters, options.InnerSteps, options.Recompute, Order);

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(problem), metaParameters, innerSteps, afterStep);

    private InnerEpisode Episode(EpisodeProblem problem)
    {
        int parameters = problem.Model.Schema.Definitions.Length;
        ImmutableArray<int> adapting = Adapts is { } role ? AdaptingParameters.Of(problem.Model, role) : AdaptingParameters.All(parameters);
        return new InnerEpisode(problem, options.Rule(adapting, LearnsRates ? InnerRate.PerParameter(first: parameters) : null));
    }
}
