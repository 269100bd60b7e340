using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Layered;

/// <summary>
/// Meta-gradients of the MAML family without graphs: the query gradient is pulled back through the inner steps by Hessian-vector
/// products, v - H (rate v), each of which is one tangent forward and one tangent backward over what the step has kept. The same
/// function as through libtorch's graphs, up to rounding. Belongs to one lane; keeps its memory from block to block.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class LayeredMaml<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NativeMemory<T> _memory = new();
    private readonly LayeredNetwork<T> _network;
    private readonly LayeredInnerLoop _loop;
    private readonly ParameterLayout _layout;
    private readonly int _networkLength;
    private readonly bool[] _adapts;
    private readonly WeightSet<T>[] _weights;
    private readonly WeightSet<T>[] _gradients;
    private readonly WeightSet<T> _rates;
    private readonly WeightSet<T> _cotangent;
    private readonly WeightSet<T> _direction;
    private readonly WeightSet<T> _product;
    private readonly WeightSet<T> _sum;
    private readonly WeightSet<T> _rateSum;
    private LayeredPass<T>[] _supports = [];
    private LayeredPass<T>? _query;

    /// <summary>Creates the computation.</summary>
    /// <param name="plan">The network.</param>
    /// <param name="input">Shape of one input.</param>
    /// <param name="layout">Layout of all meta-parameters, the network's first.</param>
    /// <param name="loop">The inner loop.</param>
    public LayeredMaml(ImmutableArray<LayerPlan> plan, InputShape input, ParameterLayout layout, LayeredInnerLoop loop)
    {
        (_layout, _loop) = (layout, loop);
        _network = new LayeredNetwork<T>(_memory, plan, layout, input);
        _networkLength = loop.Adapts.Count < layout.Entries.Length ? layout.Offsets[loop.Adapts.Count] : layout.Length;
        _weights = [.. Enumerable.Range(0, loop.Steps + 1).Select(_ => _network.NewWeights())];
        _gradients = [.. Enumerable.Range(0, Math.Max(loop.Steps, 1)).Select(_ => _network.NewWeights())];
        (_rates, _cotangent, _direction, _product, _sum, _rateSum) =
            (_network.NewWeights(), _network.NewWeights(), _network.NewWeights(), _network.NewWeights(), _network.NewWeights(), _network.NewWeights());
        float[] adapts = new float[_networkLength];
        for (int entry = 0; entry < loop.Adapts.Count; entry++)
        {
            adapts.AsSpan(layout.Offsets[entry], layout.Entries[entry].Length).Fill(loop.Adapts[entry] ? 1 : 0);
        }

        _network.Read(adapts, _rates);
        _adapts = [.. _rates.Span.ToArray().Select(value => value > T.Zero)];
    }

    /// <summary>The computation for a run; null where the run computes through libtorch's graphs.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="algorithm">The run's.</param>
    /// <param name="model">The run's.</param>
    /// <param name="input">Shape of one input.</param>
    /// <param name="layout">Layout of all meta-parameters.</param>
    public static LayeredMaml<T>? Of(RunOptions options, IMetaAlgorithm algorithm, IModel model, InputShape input, ParameterLayout layout) =>
        options.IsBatched && model is ILayeredModel layered && algorithm is ILayeredAlgorithm family
            ? new(layered.Layers, input, layout, family.LayeredLoop(model)) : null;

    /// <summary>Loads meta-parameters, for <see cref="Add"/> or <see cref="Evaluate"/>, and sets the sums to zero.</summary>
    public void Begin(ParameterVector metaParameters)
    {
        ReadOnlySpan<float> values = metaParameters.Values;
        _network.Read(values[.._networkLength], _weights[0]);
        _sum.Span.Clear();
        _rateSum.Span.Clear();
        if (_loop.LearnsRates)
        {
            float[] learned = values.ToArray();
            float[] rates = new float[_networkLength];
            ForEachRate((weight, rate, length) => learned.AsSpan(rate, length).CopyTo(rates.AsSpan(weight)));
            _network.Read(rates, _rates);
        }
        else
        {
            Span<T> rates = _rates.Span;
            T rate = T.CreateChecked(_loop.Rate);
            for (int i = 0; i < _adapts.Length; i++)
            {
                rates[i] = _adapts[i] ? rate : T.Zero;
            }
        }
    }

    /// <summary>Adds an episode's meta-gradient to the sums.</summary>
    /// <returns>The query loss after the last step.</returns>
    public T Add(EpisodeExamples examples)
    {
        LayeredPass<T> query = Prepare(examples);
        for (int step = 0; step < _loop.Steps; step++)
        {
            Descend(_supports[_loop.IsSecondOrder ? step : 0], _weights[step], _gradients[step], _weights[step + 1]);
        }

        _network.Forward(query, _weights[_loop.Steps]);
        T loss = query.Differentiate();
        _network.Backward(query, _weights[_loop.Steps], _cotangent);
        for (int step = _loop.Steps - 1; step >= 0; step--)
        {
            if (_loop.LearnsRates)
            {
                TensorPrimitives.Multiply<T>(_gradients[step].Span, _cotangent.Span, _product.Span);
                TensorPrimitives.Subtract<T>(_rateSum.Span, _product.Span, _rateSum.Span);
            }

            if (_loop.IsSecondOrder)
            {
                TensorPrimitives.Multiply<T>(_rates.Span, _cotangent.Span, _direction.Span);
                _network.HessianProduct(_supports[step], _weights[step], _direction, _product);
                TensorPrimitives.Subtract<T>(_cotangent.Span, _product.Span, _cotangent.Span);
            }
        }

        TensorPrimitives.Add<T>(_sum.Span, _cotangent.Span, _sum.Span);
        return loss;
    }

    /// <summary>Adapts to an episode's support set and measures its query set.</summary>
    /// <param name="examples">The episode.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="everyStep">Measure after each step instead of after the last only.</param>
    public ImmutableArray<StepEvaluation> Evaluate(EpisodeExamples examples, int innerSteps, bool everyStep)
    {
        LayeredPass<T> query = Prepare(examples);
        LayeredPass<T> support = _supports[0];
        var measures = ImmutableArray.CreateBuilder<StepEvaluation>();
        WeightSet<T> weights = _weights[0];
        for (int step = 0; step <= innerSteps; step++)
        {
            bool isMeasured = everyStep || step == innerSteps;
            if (isMeasured)
            {
                _network.Forward(query, weights);
                float loss = float.CreateTruncating(query.Differentiate());
                float accuracy = AccuracyFraction(examples.Query.Labels);
                _network.Forward(support, weights);
                _network.Forward(query, weights, support);
                measures.Add(new StepEvaluation(step, loss, accuracy, float.CreateTruncating(query.Differentiate()), AccuracyFraction(examples.Query.Labels)));
            }

            if (step < innerSteps)
            {
                Descend(support, weights, _gradients[0], _direction);
                _direction.Span.CopyTo(_cotangent.Span);
                weights = _cotangent;
            }
        }

        return measures.ToImmutable();
    }

    /// <summary>Share of the latest episode's queries whose largest output is that of their label; 0 where there are no labels.</summary>
    public float AccuracyFraction(long[] labels)
    {
        int right = 0;
        for (int example = 0; example < labels.Length; example++)
        {
            right += TensorPrimitives.IndexOfMax(_query!.OutputsOf(example)) == labels[example] ? 1 : 0;
        }

        return labels.Length == 0 ? 0 : (float)right / labels.Length;
    }

    /// <summary>The sums since <see cref="Begin"/>, in the layout of the meta-parameters.</summary>
    /// <typeparam name="TNumber">float or double.</typeparam>
    public TNumber[] Sums<TNumber>()
        where TNumber : INumberBase<TNumber>
    {
        var values = new TNumber[_layout.Length];
        _network.Write(_sum, values.AsSpan(0, _networkLength));
        if (_loop.LearnsRates)
        {
            var rates = new TNumber[_networkLength];
            _network.Write<TNumber>(_rateSum, rates);
            ForEachRate((weight, rate, length) => rates.AsSpan(weight, length).CopyTo(values.AsSpan(rate)));
        }

        return values;
    }

    /// <inheritdoc />
    public void Dispose() => _memory.Dispose();

    // One inner step: next = weights - rates · gradient.
    private void Descend(LayeredPass<T> support, WeightSet<T> weights, WeightSet<T> gradient, WeightSet<T> next)
    {
        _network.Forward(support, weights);
        support.Differentiate();
        _network.Backward(support, weights, gradient);
        TensorPrimitives.Multiply<T>(_rates.Span, gradient.Span, next.Span);
        TensorPrimitives.Subtract<T>(weights.Span, next.Span, next.Span);
    }

    // Makes passes for episodes of this one's sizes, if needed, and loads it.
    private LayeredPass<T> Prepare(EpisodeExamples examples)
    {
        int supports = examples.Support.Inputs.Length / examples.Input.Length;
        int queries = examples.Query.Inputs.Length / examples.Input.Length;
        if (_query?.Examples != queries || _supports[0].Examples != supports)
        {
            _supports = [.. Enumerable.Range(0, _loop.IsSecondOrder ? Math.Max(_loop.Steps, 1) : 1).Select(_ => _network.NewPass(supports))];
            _query = _network.NewPass(queries);
            if (_loop.IsSecondOrder)
            {
                _network.PrepareTangents(supports);
            }
        }

        OutputLoss<T> loss = Loss(examples, examples.Support);
        foreach (LayeredPass<T> support in _supports)
        {
            _network.Load(examples.Support.Inputs, support);
            support.Loss = loss;
        }

        _network.Load(examples.Query.Inputs, _query);
        _query.Loss = Loss(examples, examples.Query);
        return _query;
    }

    private OutputLoss<T> Loss(EpisodeExamples examples, ExampleSet set) => examples.TargetLength == 0
        ? new CrossEntropy<T>(set.Labels, _network.Outputs)
        : new SquaredError<T>(set.Values, examples.TargetLength);

    // Learned rates follow the network's parameters, one tensor for each that adapts. Passes on position of the weights, of the rates, and length.
    private void ForEachRate(Action<int, int, int> act)
    {
        int rate = _loop.Adapts.Count;
        for (int entry = 0; entry < _loop.Adapts.Count; entry++)
        {
            if (_loop.Adapts[entry])
            {
                act(_layout.Offsets[entry], _layout.Offsets[rate++], _layout.Entries[entry].Length);
            }
        }
    }
}
