using System.Collections.Immutable;
using System.Numerics.Tensors;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;
using MetaMap.Worker.Machine;

namespace MetaMap.Simulation.Tests;

/// <summary>A promise is broken.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>The promises I1 to I8, checked while a world is simulated. The bits to expect come from the local trainer.</summary>
/// <param name="world">Which world.</param>
internal sealed class Promises(World world)
{
    /// <summary>Iterations of the simulated run.</summary>
    public const int Iterations = 6;

    private static readonly Expectation _plain = new(isValidated: false);
    private static readonly Expectation _validated = new(isValidated: true);

    private readonly Expectation _expected = world.Plan.IsValidated ? _validated : _plain;

    public MetaTraining Training => _expected.Training;

    /// <summary>Evaluations that clients got.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Throws unless a promise is kept.</summary>
    public static void Check(bool isKept, string what)
    {
        if (!isKept)
        {
            throw new BrokenPromiseException(what);
        }
    }

    /// <summary>I4, I5 and I8: a state is that of the undisturbed run, before or after its measurement.</summary>
    public void HasTheBits(MetaState state)
    {
        Check(TensorPrimitives.IsFiniteAll(state.Parameters.Values), $"I5: iteration {state.Iteration} has parameters that are not finite");
        Check(
            _expected.States[state.Iteration].Contains(state),
            $"I4: iteration {state.Iteration} is not that of an undisturbed run");
    }

    /// <summary>I2, I3, I4, I7: what a step of the run may change.</summary>
    public void Stepped(string owner, RunState before, RunState after, int fetches)
    {
        MetaRound round = after.Progress.Round;
        if (after.Progress.State.Iteration != before.Progress.State.Iteration)
        {
            Check(after.Progress.State.Iteration == before.Progress.State.Iteration + 1, $"I1: {owner} goes from iteration {before.Progress.State.Iteration} to {after.Progress.State.Iteration}");
            HasTheBits(after.Progress.State);
        }

        if (round.Iteration == before.Progress.Round.Iteration)
        {
            Check(
                before.Progress.Round.Blocks.Zip(round.Blocks).All(block => block.First.Result is not { } counted || ReferenceEquals(counted, block.Second.Result)),
                $"I2: {owner} counts a block of iteration {round.Iteration} twice");
        }

        Check(round.Blocks.All(block => !block.IsGivenUp), $"I4: {owner} has given up a block of iteration {round.Iteration}, although nobody computes wrongly");
        Check(round.ExcludedWorkers.IsEmpty, $"I4: {owner} excludes a worker, although nobody computes wrongly");
        Check(fetches <= 3 * round.Blocks.Length, $"I7: {owner} fetches {fetches} gradients at once for {round.Blocks.Length} blocks");
    }

    /// <summary>I3: a block counts only in the iteration that the owner computes.</summary>
    public static void Counted(string owner, int openIteration, LeaseId lease) =>
        Check(lease.Round == RoundId.Iteration(openIteration), $"I3: {owner} counts {lease} while it computes iteration {openIteration}");

    /// <summary>I1 and I8: what the world is shown is durable, save where the store did not work at the end.</summary>
    public void Published(string owner, RunSnapshot snapshot)
    {
        HasTheBits(snapshot.State);
        Check(
            snapshot.State.Iteration <= world.Store.Iteration || snapshot is { Status: not RunStatus.Training, Problem: not null },
            $"I8: {owner} shows iteration {snapshot.State.Iteration}, {world.Store.Iteration} is durable");
    }

    /// <summary>I4: an evaluation is that of the version that it names.</summary>
    public void Answered(IControlMessage answer)
    {
        if (answer is RunEvaluated evaluated)
        {
            Evaluations++;
            Check(evaluated.ModelSha256 == _expected.States[evaluated.Iteration][0].Parameters.Sha256, $"I4: an evaluation names iteration {evaluated.Iteration} with other bits");
            Check(evaluated.Result == _expected.Evaluations[evaluated.Iteration], $"I4: the evaluation of iteration {evaluated.Iteration} is not the local one");
        }
    }

    /// <summary>I7: what a worker holds is bounded by its lanes and the blocks of two iterations, each a few times.</summary>
    public void Holds(SimulatedWorker worker)
    {
        WorkerState state = worker.State;
        int blocks = _expected.Blocks;
        Check(state.Shelf.Held.Count <= 8 * blocks, $"I7: {worker.Id} holds {state.Shelf.Held.Count} gradients for {blocks} blocks");
        Check(state.Desk.Held.Count <= 8 * state.Profile.Lanes, $"I7: {worker.Id} holds {state.Desk.Held.Count} leases on {state.Profile.Lanes} lanes");
        Check(
            state.Departure != Departure.None || state.Desk.Lanes.All(work => work is not null) || state.Desk.Held.All(held => !held.IsReady),
            $"I6: {worker.Id} has a free lane while a block waits");
    }

    /// <summary>I7: what a node holds for the run, which is nothing soon after the run is over; null when that is so.</summary>
    public static string? Held(SimulatedNode node) => !node.IsUp ? null
        : node.Blobs.Count > 0 ? $"{node.Id} holds {node.Blobs.Count} buffers"
        : node is SimulatedWorker { State: { } state } && !(state.Runs.All.IsEmpty && state.Desk.Held.IsEmpty && state.Shelf.Held.IsEmpty && state.Desk.Shares.Shares.IsEmpty)
            ? $"{node.Id} has the run open, or leases, gradients or shares of it" : null;

    /// <summary>What an undisturbed run gives.</summary>
    private sealed class Expectation
    {
        public Expectation(bool isValidated)
        {
            Training = TinyRun.Training(isValidated
                ? TinyRun.Options with { Iterations = Iterations, ValidationInterval = 2, ValidationEpisodes = 5 } : TinyRun.Options with { Iterations = Iterations });
            Dictionary<int, ImmutableArray<MetaState>> states = new() { [0] = [Training.Begin()] };
            void Add(MetaState state) => states[state.Iteration] = [.. states.GetValueOrDefault(state.Iteration, []), state];
            using LocalMetaTrainer trainer = new(Training, () => new FakeEpisodeLearner(), lanes: 1) { OnValidated = (state, _) => Add(state) };
            trainer.Train(Training.Begin(), (state, _) => Add(state));
            States = [.. states.OrderBy(state => state.Key).Select(state => state.Value)];
            Blocks = Training.OpenRound(Training.Begin()).Blocks.Length;
            Episode[] asked = [.. Training.EvaluationBlocks(SplitPart.Test, World.EvaluatedEpisodes).SelectMany(block => block.Episodes)];
            Evaluations = [.. States.Select(state => EvaluationResult.Of(
                [.. asked.Select(episode => FakeEpisodeLearner.Measure(state[0].Parameters, episode, World.EvaluatedSteps).Last)], EpisodeTasks.Of(asked.Select(EpisodeTasks.NameOf))))];
        }

        public MetaTraining Training { get; }

        public int Blocks { get; }

        /// <summary>By iteration: after its commit, and after its measurement.</summary>
        public ImmutableArray<ImmutableArray<MetaState>> States { get; }

        /// <summary>By iteration: what a client gets who asks.</summary>
        public ImmutableArray<EvaluationResult> Evaluations { get; }
    }
}
