using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// A method of the MAML family: it learns the weights that an inner loop of gradient descent starts from. The methods differ in
/// what adapts, at which rate, and in the order of the gradient.
/// </summary>
internal sealed class MamlVariant : IAlgorithm
{
    /// <summary>Model-agnostic meta-learning with its true second-order gradient.</summary>
    /// <remarks>
    /// Paper: C. Finn, P. Abbeel, S. Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks. ICML 2017,
    /// algorithm 1 and equation 1. The gradient is d L_query(theta_K) / d theta, through every inner step.
    /// </remarks>
    public static MamlVariant Maml { get; } = new()
    {
        Name = "maml", Summary = "MAML with its true second-order gradient (Finn et al. 2017)",
    };

    /// <summary>First-order MAML: the query gradient at the adapted parameters, taken as if they were theta.</summary>
    /// <remarks>
    /// Paper: Finn, Abbeel, Levine (as <see cref="Maml"/>), section 5.2; named and analysed by A. Nichol, J. Achiam,
    /// J. Schulman. On First-Order Meta-Learning Algorithms. 2018, section 2. The gradient is d L_query(theta_K) / d theta_K;
    /// memory does not grow with the number of inner steps.
    /// </remarks>
    public static MamlVariant Fomaml { get; } = new()
    {
        Name = "fomaml", Summary = "MAML without second derivatives (Finn et al. 2017, section 5.2)",
        Options = new OptimizedInnerLoopOptions(), Order = InnerGraph.FirstOrder,
    };

    /// <summary>
    /// Almost no inner loop: only the head adapts; the body is learned by the outer loop alone, through the head's steps.
    /// </summary>
    /// <remarks>
    /// Paper: A. Raghu, M. Raghu, S. Bengio, O. Vinyals. Rapid Learning or Feature Reuse? Towards Understanding the
    /// Effectiveness of MAML. ICLR 2020, section 4 and equation 1. The gradient is of second order, for body and head.
    /// </remarks>
    public static MamlVariant Anil { get; } = new()
    {
        Name = "anil", Summary = "MAML whose inner loop moves the head only (Raghu et al. 2020)",
        Adapts = ParameterRole.Head,
    };

    /// <summary>Body only update in the inner loop: the features adapt and the head stays, so that representations must change.</summary>
    /// <remarks>
    /// Paper: J. Oh, H. Yoo, C. Kim, S.-Y. Yun. BOIL: Towards Representation Change for Few-shot Learning. ICLR 2021,
    /// section 3.2 and equation 3 (the head's inner rate is 0). The gradient is of second order, for body and head.
    /// </remarks>
    public static MamlVariant Boil { get; } = new()
    {
        Name = "boil", Summary = "MAML whose inner loop moves everything but the head (Oh et al. 2021)",
        Adapts = ParameterRole.Body,
    };

    /// <summary>
    /// MAML that learns a rate for every single weight: direction and length of the inner step are learned as well as its start.
    /// </summary>
    /// <remarks>
    /// <para>Paper: Z. Li, F. Zhou, F. Chen, H. Li. Meta-SGD: Learning to Learn Quickly for Few-Shot Learning. 2017,
    /// equation 4 and algorithm 1: theta' = theta - alpha ∘ grad L_support(theta), one step. With one step the gradient of
    /// alpha is -grad L_support(theta) ∘ grad L_query(theta').</para>
    /// <para>Meta-parameters: the network's, then a <c>rate.…</c> for each, of its shape.</para>
    /// <para>Deviations besides those of the family: all rates begin with one value, where the paper draws them from 0.005 to
    /// 0.1; if there are several steps, all use the same rates.</para>
    /// </remarks>
    public static MamlVariant MetaSgd { get; } = new()
    {
        Name = "meta-sgd", Summary = "MAML that learns an inner rate for every weight, one step (Li et al. 2017)",
        Options = new LearnedRateOptions { EvalInnerSteps = 1 }, LearnsRates = true,
    };

    /// <inheritdoc />
    public required string Name { get; init; }

    /// <inheritdoc />
    public required string Summary { get; init; }

    /// <inheritdoc />
    /// <remarks>
    /// One training step and three test steps as in MAML's Omniglot 5-way experiment; rates chosen on Omniglot's validation
    /// classes (docs/RESULTS.md). Learned rates go with plain gradient descent, one step in training and in evaluation, as in the
    /// paper of Meta-SGD. In first order there are no graphs to recompute.
    /// </remarks>
    public object Options { get; private init; } = new MamlOptions();

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.003 };

    /// <inheritdoc />
    public ImmutableArray<IPart> Choices => LearnsRates ? [] : InnerOptimizers.All;

    /// <summary>The role of the weights that adapt; null for all.</summary>
    public ParameterRole? Adapts { get; private init; }

    /// <summary>The inner rates are meta-parameters, one for every adapting weight, instead of one constant.</summary>
    public bool LearnsRates { get; private init; }

    /// <summary>Order of the gradient.</summary>
    public InnerGraph Order { get; private init; } = InnerGraph.SecondOrder;

    /// <inheritdoc />
    public IEnumerable<IPart> Chosen(object options) => LearnsRates ? [] : [InnerOptimizers.Chosen(options)];

    /// <inheritdoc />
    /// <remarks>Only with plain gradient descent in the inner loop.</remarks>
    public bool IsLayered(RunOptions options) => InnerLoop.Of(options).IsPlain;

    /// <inheritdoc />
    /// <remarks>The network's; then, where rates are learned, a <c>rate.…</c> for each parameter that adapts, of its shape.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = shape.Network(options);
        ParameterDefinition[] adapting = [.. network.Where(parameter => Adapts is null || parameter.Role == Adapts)];
        if (adapting.Length == 0)
        {
            throw new ConfigurationException(Adapts == ParameterRole.Head
                ? $"Algorithm {Name} adapts the head, but model {options.Model} has none; use maml."
                : $"Algorithm {Name} adapts the body, but model {options.Model} is a head alone; give it a hidden layer or use maml.");
        }

        if (!LearnsRates)
        {
            return network;
        }

        Initializer rate = Initializers.Constant(options.Of<InnerLoopOptions>().InnerLr);
        return
        [
            .. network,
            .. adapting.Select(parameter => new ParameterDefinition(
                parameter.Entry with { Name = $"rate.{parameter.Entry.Name}" }, rate, ParameterRole.Rule)),
        ];
    }

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => Create(InnerLoop.Of(options));

    /// <summary>The computation with a given inner loop.</summary>
    public MamlFamily Create(InnerLoop loop) => new(this, loop);
}

/// <summary>The methods of the family.</summary>
internal sealed class MamlFamilyVariants : IPartFamily
{
    /// <inheritdoc />
    public ImmutableArray<IPart> Parts => [MamlVariant.Maml, MamlVariant.Fomaml, MamlVariant.Anil, MamlVariant.Boil, MamlVariant.MetaSgd];
}

/// <summary>Options of the methods with one constant rate and a gradient of second order.</summary>
internal sealed record MamlOptions : OptimizedInnerLoopOptions, IRecomputes
{
    /// <inheritdoc />
    [Description(IRecomputes.Help), Category("Inner loop")]
    public bool Recompute { get; init; }
}

/// <summary>Options of the methods that learn their rates.</summary>
internal sealed record LearnedRateOptions : InnerLoopOptions, IRecomputes
{
    /// <inheritdoc />
    [Description(IRecomputes.Help), Category("Inner loop")]
    public bool Recompute { get; init; }
}
