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
internal sealed class TaskMaml : IDisposable
{
    private readonly TaskNetwork _network;
    private readonly LayeredInnerLoop _loop;
    private readonly MetaLayout _meta;
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
        (_meta, _loop, _device, _dtype) = (new MetaLayout(layout, loop), loop, device, dtype);
        _network = new TaskNetwork(plan, _meta.Network, input);
    }

    /// <summary>The computation for a run in float32; null where the run computes through libtorch's graphs.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="algorithm">The run's.</param>
    /// <param name="model">The run's.</param>
    /// <param name="input">One input.</param>
    /// <param name="layout">Of all meta-parameters.</param>
    /// <param name="device">Where it computes.</param>
    public static TaskMaml? Of(RunOptions options, IMetaAlgorithm algorithm, IModel model, InputShape input, ParameterLayout layout, torch.Device device) =>
        options.IsLayered && model is ILayeredModel layered && algorithm is ILayeredAlgorithm family
            ? new(layered.Layers, input, layout, family.LayeredLoop(model), device, torch.float32) : null;

    /// <summary>Copies episodes of one shape to the device; the tensors live in the caller's dispose scope.</summary>
    public TaskBatch Load(IReadOnlyList<EpisodeExamples> episodes) => new(
        Rows(episodes, examples => examples.Support), Targets(episodes, examples => examples.Support),
        Rows(episodes, examples => examples.Query), Targets(episodes, examples => examples.Query));

    /// <summary>The sum of the episodes' meta-gradients, with the query losses and outputs of each after the last step.</summary>
    /// <param name="metaParameters">One tensor for each entry of the layout, of the device and dtype.</param>
    /// <param name="batch">The episodes.</param>
    /// <param name="iteration">The meta-iteration, from 1.</param>
    /// <returns>Gradient: one tensor for each entry of the layout. Losses [tasks]. Outputs [tasks, queries, outputs].</returns>
    public (torch.Tensor[] Gradient, torch.Tensor Losses, torch.Tensor Outputs) Differentiate(torch.Tensor[] metaParameters, TaskBatch batch, int iteration = 1)
    {
        bool isSecondOrder = iteration > _loop.FirstOrderIterations;
        IReadOnlyList<double>? stepWeights = _loop.StepWeights?.Invoke(iteration);
        var parameters = new TaskParameters(_network, _meta, _loop, metaParameters);
        var gradient = new TaskGradient(_network, _meta, _loop, parameters);
        torch.Tensor[][] weights = parameters.Weights();
        var steps = new List<InnerStep>(_loop.Steps);
        for (int step = 0; step < _loop.Steps; step++)
        {
            using DisposeScope? released = KeepsSteps ? null : torch.NewDisposeScope();
            InnerStep taken = DifferentiateSupport(batch, weights);
            weights = Next(parameters, weights, taken.Gradient, step);
            gradient.AddDifferences(taken.Tapes, step);
            steps.Add(taken);
            released?.MoveToOuter(weights.SelectMany(layer => layer));
        }

        (torch.Tensor[][] cotangent, ImmutableArray<TaskTape> query, TaskLoss loss) = DifferentiateQueries(batch, weights, stepWeights?[_loop.Steps] ?? 1);
        gradient.AddDifferences(query, _loop.Steps);
        if (_loop.Implicit is { } optimum)
        {
            gradient.Add(SolveAt(optimum, DifferentiateSupport(batch, weights), cotangent));
            return (gradient.Total(metaParameters[0]), loss.Losses, query[^1].Output);
        }

        for (int step = _loop.Steps - 1; step >= 0; step--)
        {
            InnerStep taken = steps[step];
            // What only the step after this one uses, such as its batch norm.
            cotangent = gradient.TakeParts(cotangent, step + 1);
            gradient.AddRates(taken.Gradient, cotangent, step);
            if (isSecondOrder)
            {
                torch.Tensor[][] product = _network.HessianProduct(taken.Tapes, taken.Loss, taken.Weights, parameters.TimesRates(cotangent, step));
                cotangent = Each(cotangent, product, (v, change) => v.sub(change));
            }

            if (stepWeights is not null && stepWeights[step] != 0)
            {
                cotangent = Each(cotangent, DifferentiateQueries(batch, taken.Weights, stepWeights[step]).Gradient, (v, added) => v.Plus(added));
            }

            taken.Release();
        }

        gradient.Add(cotangent);
        return (gradient.Total(metaParameters[0]), loss.Losses, query[^1].Output);
    }

    /// <summary>The memory that an episode takes at its peak, about: what all steps keep, and as much again as a step and its weights for what is in between.</summary>
    /// <param name="metaParameters">As of <see cref="Differentiate"/>.</param>
    /// <param name="episode">One episode.</param>
    public long BytesPerEpisode(torch.Tensor[] metaParameters, TaskBatch episode)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[][] weights = new TaskParameters(_network, _meta, _loop, metaParameters).Weights();
        long support = Bytes(DifferentiateSupport(episode, weights).Tapes);
        long query = Bytes(DifferentiateQueries(episode, weights, share: 1).Tapes);
        int steps = KeepsSteps ? _loop.Steps : 1;
        return (steps * support) + query + (2 * Math.Max(support, query)) + ((2 * steps + 6) * Sum(weights.SelectMany(layer => layer)));

        static long Bytes(ImmutableArray<TaskTape> tapes) => Sum(tapes.SelectMany(tape => tape.Kept));

        static long Sum(IEnumerable<torch.Tensor?> tensors) =>
            tensors.OfType<torch.Tensor>().DistinctBy(tensor => tensor.Handle).Sum(tensor => tensor.numel() * tensor.ElementSize);
    }

    /// <summary>Adapts to the support sets, and gives the queries' outputs after each step, by batch norm of the queries and by statistics that they have no part in.</summary>
    /// <param name="metaParameters">As of <see cref="Differentiate"/>.</param>
    /// <param name="batch">The episodes.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="measured">Receives the step, and losses [tasks] and outputs [tasks, queries, outputs] of both kinds.</param>
    public void Adapt(torch.Tensor[] metaParameters, TaskBatch batch, int innerSteps, Action<int, TaskMeasure> measured)
    {
        var parameters = new TaskParameters(_network, _meta, _loop, metaParameters);
        torch.Tensor[][] weights = parameters.Weights();
        for (int step = 0; step <= innerSteps; step++)
        {
            ImmutableArray<TaskTape> support = _network.Forward(batch.SupportRows, weights);
            ImmutableArray<TaskTape> transductive = _network.Forward(batch.QueryRows, weights);
            TaskNorm?[] statistics = _loop.RunningMeans is null ? [.. support.Select(tape => tape.Norm)] : parameters.RunningStatistics(step);
            ImmutableArray<TaskTape> inductive = _network.Forward(batch.QueryRows, weights, statistics);
            measured(step, new TaskMeasure(
                Loss(transductive, batch.QueryTargets).Losses, transductive[^1].Output, Loss(inductive, batch.QueryTargets).Losses, inductive[^1].Output));
            if (step < innerSteps)
            {
                weights = Next(parameters, weights, _network.Backward(support, Loss(support, batch.SupportTargets).Gradient, weights), step);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _network.Release();

    // (I + H/lambda)^-1 times a query gradient, where H is the Hessian of the support loss.
    private torch.Tensor[][] SolveAt(ImplicitGradient optimum, InnerStep support, torch.Tensor[][] queryGradient)
    {
        long tasks = queryGradient.SelectMany(layer => layer).First().shape[0];
        return Parts(TaskConjugateGradient.Solve(
            direction => direction.PlusMultiple(
                1 / optimum.ProximalStrength, Flat(_network.HessianProduct(support.Tapes, support.Loss, support.Weights, Parts(direction)))),
            Flat(queryGradient), optimum.CgSteps));

        torch.Tensor Flat(torch.Tensor[][] parts) => torch.cat([.. parts.SelectMany(layer => layer).Select(part => part.reshape(tasks, -1))], 1);

        torch.Tensor[][] Parts(torch.Tensor flat)
        {
            long first = 0;
            return _network.Each(queryGradient, (_, part) =>
            {
                long length = part.shape[1] * part.shape[2];
                first += length;
                return flat.narrow(1, first - length, length).reshape(part.shape);
            });
        }
    }

    // One inner step: along the gradient, and towards the first weights where the loop says so.
    private torch.Tensor[][] Next(TaskParameters parameters, torch.Tensor[][] weights, torch.Tensor[][] gradient, int step)
    {
        torch.Tensor[][] slope = _loop.Implicit is not { } optimum ? gradient
            : Each(gradient, Each(weights, parameters.Weights(), (weight, first) => weight.sub(first)), (g, distance) => g.PlusMultiple(optimum.ProximalStrength, distance));
        return parameters.WithParts(Each(parameters.TimesRates(slope, step), weights, (change, weight) => weight.sub(change)), step + 1);
    }

    // The gradient of the query losses by the weights, times a weight of theirs.
    private (torch.Tensor[][] Gradient, ImmutableArray<TaskTape> Tapes, TaskLoss Loss) DifferentiateQueries(TaskBatch batch, torch.Tensor[][] weights, double share)
    {
        ImmutableArray<TaskTape> tapes = _network.Forward(batch.QueryRows, weights);
        TaskLoss loss = Loss(tapes, batch.QueryTargets);
        return (_network.Backward(tapes, share == 1 ? loss.Gradient : loss.Gradient.Times(share), weights), tapes, loss);
    }

    // The gradient of the support losses by the weights.
    private InnerStep DifferentiateSupport(TaskBatch batch, torch.Tensor[][] weights)
    {
        ImmutableArray<TaskTape> tapes = _network.Forward(batch.SupportRows, weights);
        TaskLoss loss = Loss(tapes, batch.SupportTargets);
        return new InnerStep(weights, tapes, loss, _network.Backward(tapes, loss.Gradient, weights));
    }

    private static TaskLoss Loss(ImmutableArray<TaskTape> tapes, torch.Tensor targets) =>
        targets.dtype == torch.int64 ? TaskLoss.CrossEntropy(tapes[^1].Output, targets) : TaskLoss.SquaredError(tapes[^1].Output, targets);

    private torch.Tensor Rows(IReadOnlyList<EpisodeExamples> episodes, Func<EpisodeExamples, ExampleSet> set) =>
        _network.Rows(OnDevice(episodes.SelectMany(examples => set(examples).Inputs).ToArray()), episodes.Count);

    private torch.Tensor Targets(IReadOnlyList<EpisodeExamples> episodes, Func<EpisodeExamples, ExampleSet> set) => episodes[0].TargetLength == 0
        ? torch.tensor(episodes.SelectMany(examples => set(examples).Labels).ToArray()).to(_device).reshape(episodes.Count, -1)
        : OnDevice(episodes.SelectMany(examples => set(examples).Values).ToArray()).reshape(episodes.Count, -1, episodes[0].TargetLength);

    private torch.Tensor OnDevice(float[] values) => torch.tensor(values).to(_dtype).to(_device);

    private static torch.Tensor[][] Each(torch.Tensor[][] left, torch.Tensor[][] right, Func<torch.Tensor, torch.Tensor, torch.Tensor> combine) =>
        [.. left.Zip(right, (ofLeft, ofRight) => ofLeft.Zip(ofRight, combine).ToArray())];

    private bool KeepsSteps => _loop.KeepsSteps || _loop.LearnedRates != LearnedRates.None;

    private sealed record InnerStep(torch.Tensor[][] Weights, ImmutableArray<TaskTape> Tapes, TaskLoss Loss, torch.Tensor[][] Gradient)
    {
        /// <summary>Frees the tapes' memory before the scope does: nothing reads them any more.</summary>
        public void Release()
        {
            foreach (torch.Tensor tensor in Tapes.SelectMany(tape => tape.Kept).OfType<torch.Tensor>())
            {
                tensor.Dispose();
            }
        }
    }
}

/// <summary>Query losses [tasks] and outputs [tasks, queries, outputs] by the batch norm of the queries and of the support set.</summary>
internal sealed record TaskMeasure(torch.Tensor TransductiveLosses, torch.Tensor TransductiveOutputs, torch.Tensor InductiveLosses, torch.Tensor InductiveOutputs);
