using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Checkpoints;

/// <summary>Parameters that a run starts from instead of values drawn by its seed: those of a MetaMap model, or of any safetensors file with tensors of the network's names.</summary>
/// <param name="Parameters">The floating-point tensors of the file as float32, in its order.</param>
/// <param name="Model">The model; null where the file is none.</param>
public sealed record StartingPoint(ParameterVector Parameters, ModelFile? Model)
{
    /// <summary>Types of tensors in the file that hold no floating-point numbers, by name.</summary>
    public ImmutableDictionary<string, TensorType> Others { get; init; } = ImmutableDictionary<string, TensorType>.Empty;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It cannot be read, is damaged, or holds no parameters.</exception>
    public static StartingPoint Read(string path) => Of(SafetensorsReader.ReadFile(path), path);

    /// <summary>Takes the parameters of a file's content.</summary>
    /// <param name="content">From the safetensors reader.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="DataException">It is damaged, or holds no parameters.</exception>
    public static StartingPoint Of(SafetensorsContent content, string source)
    {
        if (ModelFile.IsOne(content))
        {
            var model = ModelFile.FromSafetensors(content, source);
            return new StartingPoint(model.Parameters, model);
        }

        ImmutableArray<SafetensorsTensor> floats = [.. content.Tensors.Where(tensor => Floats.AreIn(tensor) && tensor.Bytes.Length > 0)];
        if (floats.IsEmpty)
        {
            throw new DataException($"{source} holds no floating-point tensor to start from: save the network's parameters as F32, F64, F16 or BF16 under their names, such as head.weight.");
        }

        ParameterLayout layout = new([.. floats.Select(tensor => new ParameterEntry(tensor.Name, [.. tensor.Shape.Select(size => checked((int)size))]))]);
        return new StartingPoint(new ParameterVector(layout, [.. floats.SelectMany(tensor => Floats.Of(tensor))]), null)
        {
            Others = content.Tensors.Where(tensor => !Floats.AreIn(tensor)).ToImmutableDictionary(tensor => tensor.Name, tensor => tensor.Type),
        };
    }

    /// <summary>SHA-256 (hex, lower case) of the parameters: what a run remembers of where it started.</summary>
    public string Sha256 => Parameters.Sha256;

    /// <summary>The state before the first iteration of a run that starts here.</summary>
    /// <param name="training">The run.</param>
    /// <param name="dataset">Its data.</param>
    /// <returns>The state, and one line that says what was taken and what was not.</returns>
    /// <exception cref="ConfigurationException">The run starts from other parameters.</exception>
    /// <exception cref="DataException">Nothing can be started from, or the model has seen what the run is tested on.</exception>
    public (MetaState State, string Notice) Begin(MetaTraining training, IEpisodeDataset dataset)
    {
        if (training.Options.InitSha256 != Sha256)
        {
            throw new ConfigurationException($"The run starts from parameters {training.Options.InitSha256 ?? "drawn by the seed"}, but those given with --init have SHA-256 {Sha256}.");
        }

        RequireUnseen(training.Options, training.Data, training.Catalog);
        (ParameterVector values, string notice) = Fit(training.FirstValues(dataset));
        bool areOtherUnits = Model?.Data?.Scales is { } theirs && training.Data.Scales is { } own && theirs != own;
        return (training.Begin(values), areOtherUnits ? $"{notice}; its numbers were in the units of its own training examples" : notice);
    }

    /// <summary>Puts the parameters that have the names and shapes of a run's into its first values.</summary>
    /// <param name="first">The run's.</param>
    /// <returns>The first values, and one line that says what was taken and what was not.</returns>
    /// <exception cref="DataException">Nothing is in common, or a number is not finite.</exception>
    public (ParameterVector Values, string Notice) Fit(ParameterVector first)
    {
        ParameterLayout own = first.Layout;
        float[] values = first.Values.ToArray();
        Dictionary<string, int> places = Parameters.Layout.Entries.Select((entry, i) => (entry.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        List<string> left = [];
        for (int i = 0; i < own.Entries.Length; i++)
        {
            ParameterEntry wanted = own.Entries[i];
            if (!places.TryGetValue(wanted.Name, out int place))
            {
                left.Add(Others.TryGetValue(wanted.Name, out TensorType type) ? $"{wanted.Name} (of type {type} there, which holds no floating-point numbers)" : wanted.Name);
            }
            else if (!Parameters.Layout.Entries[place].Shape.SequenceEqual(wanted.Shape))
            {
                left.Add($"{wanted.Name} ([{string.Join(", ", wanted.Shape)}] here, [{string.Join(", ", Parameters.Layout.Entries[place].Shape)}] there)");
            }
            else
            {
                Parameters[place].CopyTo(values.AsSpan(own.Offsets[i]));
            }
        }

        string from = $"parameters {Digests.Abbreviate(Sha256)}{(Model is { } model ? $" of run {model.RunId}, iteration {model.Iteration}" : "")}";
        return left.Count == own.Entries.Length
            ? throw new DataException($"nothing of {from} can be started from: the run has {string.Join(", ", left)}; the file has {string.Join(", ", Parameters.Layout.Entries.Select(entry => entry.Name))}. Give a model of the same network, or name its tensors so.")
            : !values.All(float.IsFinite) ? throw new DataException($"{from} hold numbers that are not finite, or too large for float32, so nothing can be started from them: give another model.")
            : (new ParameterVector(own, values), $"the run starts from {from}{(left.Count == 0 ? "" : $", but for {string.Join(", ", left)}: drawn by the seed")}");
    }

    /// <summary>Refuses a model whose training has seen what the run will be tested on, or whose inputs mean something else; a plain file says nothing of that.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="data">The run's.</param>
    /// <param name="catalog">Its dataset.</param>
    /// <exception cref="DataException">It has, or they do.</exception>
    public void RequireUnseen(RunOptions options, TrainingData data, DatasetCatalog catalog)
    {
        if (Model is not { Data: { } seen } model)
        {
            return;
        }

        if (seen.InputsDigest is not null && data.InputsDigest is not null)
        {
            seen.RequireInputs(catalog);
        }

        if (seen.Digest == data.Digest && SeesTest(model, seen, options, data, catalog))
        {
            throw new DataException(
                $"the model was trained on {(options.Supervised is null ? "classes" : "examples")} of {catalog.Name} that this run is tested on, so its result would not be of unseen ones: "
                + "start from a model of other data, or of a run of the same kind with the same --seed"
                + (options.Supervised is null ? $" (--algorithm pretrain trains without the test classes, --supervised with all)." : "."));
        }
    }

    private static bool SeesTest(ModelFile model, TrainingData seen, RunOptions options, TrainingData data, DatasetCatalog catalog)
    {
        bool isSameSplit = model.Options.Seed == options.Seed && model.Options.Split == options.Split;
        return (model.Options.Supervised is null, options.Supervised is null) switch
        {
            (false, false) => model.Options.Seed != options.Seed && catalog.Classes.All(item => item.TestExamples == 0),
            (true, true) => seen.Train.IsEmpty ? !isSameSplit : seen.Train.Intersect(data.Test.Concat(data.Validation)).Any(),
            // A supervised run knows all classes, a few-shot one all examples of its training classes.
            _ => true,
        };
    }
}
