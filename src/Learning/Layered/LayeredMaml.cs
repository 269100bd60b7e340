using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Layered;

/// <summary>
/// Meta-gradients of the MAML family without graphs: the query gradient is pulled back through the inner steps by Hessian-vector
/// products, v - H (rate v), each of which is one tangent forward and one tangent backward over what the step has kept. The same
/// function as through libtorch's graphs, up to rounding. At an optimum (iMAML) the products solve for the gradient instead. Belongs to one lane; keeps its memory from block to block.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class LayeredMaml<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NativeMemory<T> _memory = new();
    private readonly LayeredNetwork<T> _network;
    private readonly LayeredInnerLoop _loop;
    private readonly MetaLayout _meta;
    private readonly MetaSums<T> _sums;
    private readonly EpisodePasses<T> _passes;
    private readonly WeightSet<T>[] _weights;
    private readonly WeightSet<T>[] _gradients;
    private readonly WeightSet<T>[] _rates;
    private readonly WeightSet<T> _cotangent;
    private readonly WeightSet<T> _direction;
    private readonly WeightSet<T> _product;
    private readonly PerStepStatistics<T>? _running;
    private float[] _theta = [];
    private bool _isSecondOrder;
    private IReadOnlyList<double>? _stepWeights;

    /// <summary>Creates the computation.</summary>
    /// <param name="plan">The network.</param>
    /// <param name="input">Shape of one input.</param>
    /// <param name="layout">Layout of all meta-parameters, the network's first.</param>
    /// <param name="loop">The inner loop.</param>
    public LayeredMaml(ImmutableArray<LayerPlan> plan, InputShape input, ParameterLayout layout, LayeredInnerLoop loop)
    {
        (_meta, _loop) = (new MetaLayout(layout, loop), loop);
        _network = new LayeredNetwork<T>(_memory, plan, _meta.Network, input);
        _weights = NewWeights(loop.Steps + 1);
        _gradients = NewWeights(loop.LearnedRates == LearnedRates.None ? 1 : Math.Max(loop.Steps, 1));
        _rates = NewWeights(loop.LearnedRates == LearnedRates.PerStep ? Math.Max(loop.Steps, 1) : 1);
        (_cotangent, _direction, _product) = (_network.NewWeights(), _network.NewWeights(), _network.NewWeights());
        _running = loop.RunningMeans is null ? null : new PerStepStatistics<T>(_memory, _network, _meta, loop.RunningMeans);
        _sums = new MetaSums<T>(_network, _meta, loop);
        _passes = new EpisodePasses<T>(_network, loop);
    }

    /// <summary>Share of the latest episode's queries whose largest output was that of their label; 0 where there are no labels.</summary>
    public float AccuracyFraction { get; private set; }

    /// <summary>The computation for a run; null where the run computes through libtorch's graphs.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="algorithm">The run's.</param>
    /// <param name="model">The run's.</param>
    /// <param name="input">Shape of one input.</param>
    /// <param name="layout">Layout of all meta-parameters.</param>
    public static LayeredMaml<T>? Of(RunOptions options, IMetaAlgorithm algorithm, IModel model, InputShape input, ParameterLayout layout) =>
        options.IsLayered && model is ILayeredModel layered && algorithm is ILayeredAlgorithm family
            ? new(layered.Layers, input, layout, family.LayeredLoop(model)) : null;

    /// <summary>Loads meta-parameters, for <see cref="Add"/> or <see cref="Evaluate"/>, and sets the sums to zero.</summary>
    /// <param name="metaParameters">All of them.</param>
    /// <param name="iteration">The meta-iteration, from 1; not read by <see cref="Evaluate"/>.</param>
    public void Begin(ParameterVector metaParameters, int iteration = 1)
    {
        _theta = metaParameters.Values.ToArray();
        _isSecondOrder = iteration > _loop.FirstOrderIterations;
        _stepWeights = _loop.StepWeights?.Invoke(iteration);
        _network.Read(_meta.NetworkAt(_theta, innerSteps: 0), _weights[0]);
        _sums.Clear();
        for (int step = 0; step < _rates.Length; step++)
        {
            ReadRates(step, _rates[step]);
        }
    }

    /// <summary>Adds an episode's meta-gradient to the sums.</summary>
    /// <returns>The query loss after the last step.</returns>
    public T Add(EpisodeExamples examples)
    {
        _passes.Load(examples);
        for (int step = 0; step < _loop.Steps; step++)
        {
            Descend(_passes.Support(step), step, _weights[step], GradientOf(step), _weights[step + 1]);
            _running?.AddDifferences(_theta, _passes.Support(step).Norms, step, _sums.BesideTheNetwork);
        }

        T loss = DifferentiateQueries(_loop.Steps, _cotangent);
        AccuracyFraction = _passes.AccuracyFraction();
        _running?.AddDifferences(_theta, _passes.Query.Norms, _loop.Steps, _sums.BesideTheNetwork);
        if (_loop.Implicit is { } optimum)
        {
            SolveAt(optimum, _weights[_loop.Steps]);
        }
        else
        {
            PullBack();
        }

        _sums.Add(_cotangent);
        return loss;
    }

    /// <summary>Adapts to an episode's support set and measures its query set.</summary>
    /// <param name="examples">The episode.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="everyStep">Measure after each step instead of after the last only.</param>
    public ImmutableArray<StepEvaluation> Evaluate(EpisodeExamples examples, int innerSteps, bool everyStep)
    {
        _passes.Load(examples);
        (LayeredPass<T> support, LayeredPass<T> query) = (_passes.Support(step: 0), _passes.Query);
        var measures = ImmutableArray.CreateBuilder<StepEvaluation>();
        WeightSet<T> weights = _weights[0];
        for (int step = 0; step <= innerSteps; step++)
        {
            if (everyStep || step == innerSteps)
            {
                _network.Forward(query, weights);
                float loss = float.CreateTruncating(query.Differentiate());
                float accuracy = _passes.AccuracyFraction();
                if (_running is null)
                {
                    _network.Forward(support, weights);
                }

                _network.Forward(query, weights, _running?.At(_theta, step) ?? support.Norms);
                measures.Add(new StepEvaluation(step, loss, accuracy, float.CreateTruncating(query.Differentiate()), _passes.AccuracyFraction()));
            }

            if (step < innerSteps)
            {
                Descend(support, step, weights, _gradients[0], _direction);
                _direction.Span.CopyTo(_cotangent.Span);
                weights = _cotangent;
            }
        }

        return measures.ToImmutable();
    }

    /// <summary>The sums since <see cref="Begin"/>, in the layout of the meta-parameters.</summary>
    /// <typeparam name="TNumber">float or double.</typeparam>
    public TNumber[] Sums<TNumber>()
        where TNumber : INumberBase<TNumber> => _sums.Write<TNumber>();

    /// <inheritdoc />
    public void Dispose() => _memory.Dispose();

    // One inner step: next = weights - rates · gradient.
    private void Descend(LayeredPass<T> support, int step, WeightSet<T> weights, WeightSet<T> gradient, WeightSet<T> next)
    {
        _network.Forward(support, weights);
        support.Differentiate();
        _network.Backward(support, weights, gradient);
        if (_loop.Implicit is { } optimum)
        {
            TensorPrimitives.Subtract<T>(weights.Span, _weights[0].Span, next.Span);
            TensorPrimitives.MultiplyAdd(next.Span, T.CreateChecked(optimum.ProximalStrength), gradient.Span, gradient.Span);
        }

        TensorPrimitives.Multiply<T>(RatesOf(step).Span, gradient.Span, next.Span);
        TensorPrimitives.Subtract<T>(weights.Span, next.Span, next.Span);
        for (int part = 0; part < _network.Entries.Length; part++)
        {
            int entry = _network.Entries[part];
            if (_meta.IsPerStep(entry))
            {
                TensorPrimitives.ConvertTruncating<float, T>(
                    _theta.AsSpan(_meta.Offset(entry, step + 1), _meta.Network.Entries[entry].Length), next[part].Span);
            }
        }
    }

    // The gradient of the query loss after some steps, by the weights of then.
    private T DifferentiateQueries(int innerSteps, WeightSet<T> gradient)
    {
        LayeredPass<T> query = _passes.Query;
        _network.Forward(query, _weights[innerSteps]);
        T loss = query.Differentiate(_stepWeights is null ? T.One : T.CreateChecked(_stepWeights[innerSteps]));
        _network.Backward(query, _weights[innerSteps], gradient);
        return loss;
    }

    // From the derivatives by the last weights, in the cotangent, to those by the first.
    private void PullBack()
    {
        for (int step = _loop.Steps - 1; step >= 0; step--)
        {
            // What only the step after this one uses, such as its batch norm.
            _sums.TakeParts(_cotangent, step + 1);
            PullBack(step);
            if (_stepWeights is not null && _stepWeights[step] != 0)
            {
                DifferentiateQueries(step, _product);
                TensorPrimitives.Add<T>(_cotangent.Span, _product.Span, _cotangent.Span);
            }
        }
    }

    // (I + H/lambda)^-1 times the cotangent, where H is the Hessian of the support loss.
    private void SolveAt(ImplicitGradient optimum, WeightSet<T> weights)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        LayeredPass<T> support = _passes.Support(step: 0);
        _network.Forward(support, weights);
        support.Differentiate();
        _network.Backward(support, weights, _product);
        torch.Tensor[] solution = ConjugateGradient.Solve(Product, [_cotangent.Tensor], optimum.CgSteps);
        _cotangent.Tensor.copy_(solution[0]);

        IReadOnlyList<torch.Tensor> Product(IReadOnlyList<torch.Tensor> direction)
        {
            _direction.Tensor.copy_(direction[0]);
            _network.HessianProduct(support, weights, _direction, _product);
            return [direction[0].PlusMultiple(1 / optimum.ProximalStrength, _product.Tensor)];
        }
    }

    // From the derivatives by the weights after a step, in the cotangent, to those by the weights before it.
    private void PullBack(int step)
    {
        _sums.AddRates(GradientOf(step), _cotangent, _product, step);
        if (_isSecondOrder)
        {
            TensorPrimitives.Multiply<T>(RatesOf(step).Span, _cotangent.Span, _direction.Span);
            _network.HessianProduct(_passes.Support(step), _weights[step], _direction, _product);
            TensorPrimitives.Subtract<T>(_cotangent.Span, _product.Span, _cotangent.Span);
        }
    }

    private WeightSet<T> GradientOf(int step) => _gradients[Math.Min(step, _gradients.Length - 1)];

    private WeightSet<T> RatesOf(int step) => _rates[Math.Min(step, _rates.Length - 1)];

    // Zero for what does not adapt.
    private void ReadRates(int step, WeightSet<T> rates)
    {
        if (_loop.LearnedRates == LearnedRates.PerWeight)
        {
            _network.Read(_meta.RatesIn(_theta), rates);
            return;
        }

        for (int part = 0; part < _network.Entries.Length; part++)
        {
            int entry = _network.Entries[part];
            rates[part].Span.Fill(
                !_loop.Adapts[entry] ? T.Zero
                : _meta.RateOf(entry) is { } learned ? T.CreateTruncating(_theta[_meta.All.Offsets[learned] + step])
                : T.CreateChecked(_loop.Rate));
        }
    }

    private WeightSet<T>[] NewWeights(int count) => [.. Enumerable.Range(0, count).Select(_ => _network.NewWeights())];
}
