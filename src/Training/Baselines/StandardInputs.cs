using MetaMap.Data;

namespace MetaMap.Training.Baselines;

/// <summary>Inputs with mean 0 and deviation 1 over the training classes.</summary>
internal sealed class StandardInputs
{
    private readonly ValueScales _scales;

    private StandardInputs(ValueScales scales) => _scales = scales;

    /// <summary>Reads the examples of the training classes.</summary>
    public static StandardInputs Of(TrainingSet training) => new(ValueScales.Of(
        training.Rows().Select(row => (row.Input, row.Values)), training.Dataset.Catalog.Input.Length, training.Dataset.Catalog.TargetLength));

    /// <summary>Mean of each input.</summary>
    public IReadOnlyList<double> Means => _scales.InputMeans;

    /// <summary>Standard deviation of each input.</summary>
    public IReadOnlyList<double> Deviations => _scales.InputDeviations;

    /// <summary>An input in these units.</summary>
    public float[] Standardise(float[] input)
    {
        float[] standard = [.. input];
        _scales.ScaleInput(standard);
        return standard;
    }
}
