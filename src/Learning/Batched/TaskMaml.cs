using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>Episodes of one shape side by side: inputs as rows of the network, and what they shall give.</summary>
/// <param name="SupportRows">[tasks, rows, channels].</param>
/// <param name="SupportTargets">int64 labels [tasks, examples], or values [tasks, examples, target length].</param>
/// <param name="QueryRows">As the support set's.</param>
/// <param name="QueryTargets">As the support set's.</param>
internal sealed record TaskBatch(torch.Tensor SupportRows, torch.Tensor SupportTargets, torch.Tensor QueryRows, torch.Tensor QueryTargets);

/// <summary>
/// Meta-gradients of the MAML family for the episodes of a block side by side, without graphs: as <see cref="LayeredMaml{T}"/>, by libtorch's
/// operations on any device and dtype. The sums over tasks are libtorch's own, in an order that the device and the shape fix.
/// </summary>
internal sealed class TaskMaml
{
    private readonly TaskNetwork _network;
    private readonly LayeredInnerLoop _loop;
    private readonly ParameterLayout _layout;
    private readonly InputShape _input;
    private readonly torch.Device _device;
    private readonly torch.ScalarType _dtype;

    /// <summary>Creates the computation.</summary>
    /// <param name="plan">The network.</param>
    /// <param name="input">One of its inputs.</param>
    /// <param name="layout">Of all meta-parameters, the network's first.</param>
    /// <param name="loop">The inner loop.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="dtype">float32 or float64.</param>
    public TaskMaml(ImmutableArray<LayerPlan> plan, InputShape input, ParameterLayout layout, LayeredInnerLoop loop, torch.Device device, torch.ScalarType dtype)
    {
        (_layout, _loop, _input, _device, _dtype) = (layout, loop, input, device, dtype);
        _network = new TaskNetwork(plan, layout, input);
    }

    /// <summary>The computation for a run in float32; null where the run computes through libtorch's graphs.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="algorithm">The run's.</param>
    /// <param name="model">The run's.</param>
    /// <param name="input">One input.</param>
    /// <param name="layout">Of all meta-parameters.</param>
    /// <param name="device">Where it computes.</param>
    public static TaskMaml? Of(RunOptions options, IMetaAlgorithm algorithm, IModel model, InputShape input, ParameterLayout layout, torch.Device device) =>
        options.IsBatched && model is ILayeredModel layered && algorithm is ILayeredAlgorithm family
            ? new(layered.Layers, input, layout, family.LayeredLoop(model), device, torch.float32) : null;

    /// <summary>Copies episodes of one shape to the device; the tensors live in the caller's dispose scope.</summary>
    public TaskBatch Load(IReadOnlyList<EpisodeExamples> episodes) => new(
        Rows(episodes, examples => examples.Support), Targets(episodes, examples => examples.Support),
        Rows(episodes, examples => examples.Query), Targets(episodes, examples => examples.Query));

    /// <summary>The sum of the episodes' meta-gradients, with the query losses and outputs of each after the last step.</summary>
    /// <param name="metaParameters">One tensor for each entry of the layout, of the device and dtype.</param>
    /// <param name="batch">The episodes.</param>
    /// <returns>Gradient: one tensor for each entry of the layout. Losses [tasks]. Outputs [tasks, queries, outputs].</returns>
    public (torch.Tensor[] Gradient, torch.Tensor Losses, torch.Tensor Outputs) Differentiate(torch.Tensor[] metaParameters, TaskBatch batch)
    {
        torch.Tensor[][] rates = Rates(metaParameters);
        torch.Tensor[][] weights = _network.Arranged(metaParameters);
        var steps = new List<InnerStep>(_loop.Steps);
        for (int step = 0; step < _loop.Steps; step++)
        {
            InnerStep taken = Descend(batch, weights);
            weights = Each(Each(rates, taken.Gradient, (rate, gradient) => rate.mul(gradient)), weights, (change, weight) => weight.sub(change));
            steps.Add(taken);
        }

        ImmutableArray<TaskTape> query = _network.Forward(batch.QueryRows, weights);
        TaskLoss loss = Loss(query, batch.QueryTargets);
        torch.Tensor[][] cotangent = _network.Backward(query, loss.Gradient, weights);
        torch.Tensor[][]? rateSums = null;
        for (int step = _loop.Steps - 1; step >= 0; step--)
        {
            InnerStep taken = steps[step];
            if (_loop.LearnsRates)
            {
                torch.Tensor[][] share = Each(taken.Gradient, cotangent, (gradient, v) => gradient.mul(v).neg());
                rateSums = rateSums is null ? share : Each(rateSums, share, (sum, added) => sum.Plus(added));
            }

            if (_loop.IsSecondOrder)
            {
                torch.Tensor[][] direction = Each(rates, cotangent, (rate, v) => rate.mul(v));
                torch.Tensor[][] product = _network.HessianProduct(taken.Tapes, taken.Loss, taken.Weights, direction);
                cotangent = Each(cotangent, product, (v, change) => v.sub(change));
            }
        }

        return (Gradient(cotangent, rateSums), loss.Losses, query[^1].Output);
    }

    /// <summary>Adapts to the support sets, and gives the queries' outputs after each step, by the batch norm of the queries and of the support set.</summary>
    /// <param name="metaParameters">As of <see cref="Differentiate"/>.</param>
    /// <param name="batch">The episodes.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="measured">Receives the step, and losses [tasks] and outputs [tasks, queries, outputs] of both kinds.</param>
    public void Adapt(torch.Tensor[] metaParameters, TaskBatch batch, int innerSteps, Action<int, TaskMeasure> measured)
    {
        torch.Tensor[][] rates = Rates(metaParameters);
        torch.Tensor[][] weights = _network.Arranged(metaParameters);
        for (int step = 0; step <= innerSteps; step++)
        {
            ImmutableArray<TaskTape> support = _network.Forward(batch.SupportRows, weights);
            ImmutableArray<TaskTape> transductive = _network.Forward(batch.QueryRows, weights);
            ImmutableArray<TaskTape> inductive = _network.Forward(batch.QueryRows, weights, support);
            measured(step, new TaskMeasure(
                Loss(transductive, batch.QueryTargets).Losses, transductive[^1].Output, Loss(inductive, batch.QueryTargets).Losses, inductive[^1].Output));
            if (step < innerSteps)
            {
                torch.Tensor[][] gradient = _network.Backward(support, Loss(support, batch.SupportTargets).Gradient, weights);
                weights = Each(Each(rates, gradient, (rate, g) => rate.mul(g)), weights, (change, weight) => weight.sub(change));
            }
        }
    }

    private InnerStep Descend(TaskBatch batch, torch.Tensor[][] weights)
    {
        ImmutableArray<TaskTape> tapes = _network.Forward(batch.SupportRows, weights);
        TaskLoss loss = Loss(tapes, batch.SupportTargets);
        return new InnerStep(weights, tapes, loss, _network.Backward(tapes, loss.Gradient, weights));
    }

    private static TaskLoss Loss(ImmutableArray<TaskTape> tapes, torch.Tensor targets) =>
        targets.dtype == torch.int64 ? TaskLoss.CrossEntropy(tapes[^1].Output, targets) : TaskLoss.SquaredError(tapes[^1].Output, targets);

    // Of every weight: learned, or the same for all that adapt and zero for others.
    private torch.Tensor[][] Rates(torch.Tensor[] metaParameters)
    {
        int learned = _loop.Adapts.Count;
        return _network.Arranged([.. _loop.Adapts.Select((adapts, entry) =>
            !adapts ? torch.zeros_like(metaParameters[entry])
            : _loop.LearnsRates ? metaParameters[learned++] : torch.ones_like(metaParameters[entry]).Times(_loop.Rate))]);
    }

    // In the layout: the network's parameters, then the learned rates, one for each that adapts.
    private torch.Tensor[] Gradient(torch.Tensor[][] cotangent, torch.Tensor[][]? rateSums)
    {
        var gradient = new torch.Tensor?[_layout.Entries.Length];
        _network.Restore(cotangent, gradient);
        if (_loop.LearnsRates)
        {
            var rates = new torch.Tensor?[_loop.Adapts.Count];
            if (rateSums is not null)
            {
                _network.Restore(rateSums, rates);
            }

            int learned = _loop.Adapts.Count;
            foreach (int entry in Enumerable.Range(0, _loop.Adapts.Count).Where(entry => _loop.Adapts[entry]))
            {
                gradient[learned++] = rates[entry];
            }
        }

        // A convolution's bias has no part in anything: batch norm takes it away.
        return [.. gradient.Select((tensor, entry) => tensor ?? torch.zeros([.. _layout.Entries[entry].Shape.Select(size => (long)size)], dtype: _dtype, device: _device))];
    }

    private torch.Tensor Rows(IReadOnlyList<EpisodeExamples> episodes, Func<EpisodeExamples, ExampleSet> set) =>
        _network.Rows(OnDevice(episodes.SelectMany(examples => set(examples).Inputs).ToArray()), episodes.Count);

    private torch.Tensor Targets(IReadOnlyList<EpisodeExamples> episodes, Func<EpisodeExamples, ExampleSet> set) => episodes[0].TargetLength == 0
        ? torch.tensor(episodes.SelectMany(examples => set(examples).Labels).ToArray()).to(_device).reshape(episodes.Count, -1)
        : OnDevice(episodes.SelectMany(examples => set(examples).Values).ToArray()).reshape(episodes.Count, -1, episodes[0].TargetLength);

    private torch.Tensor OnDevice(float[] values) => torch.tensor(values).to(_dtype).to(_device);

    private static torch.Tensor[][] Each(torch.Tensor[][] left, torch.Tensor[][] right, Func<torch.Tensor, torch.Tensor, torch.Tensor> combine) =>
        [.. left.Zip(right, (ofLeft, ofRight) => ofLeft.Zip(ofRight, combine).ToArray())];

    private sealed record InnerStep(torch.Tensor[][] Weights, ImmutableArray<TaskTape> Tapes, TaskLoss Loss, torch.Tensor[][] Gradient);
}

/// <summary>Query losses [tasks] and outputs [tasks, queries, outputs] by the batch norm of the queries and of the support set.</summary>
internal sealed record TaskMeasure(torch.Tensor TransductiveLosses, torch.Tensor TransductiveOutputs, torch.Tensor InductiveLosses, torch.Tensor InductiveOutputs);
