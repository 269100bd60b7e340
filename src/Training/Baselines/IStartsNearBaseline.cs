namespace MetaMap.Training.Baselines;

/// <summary>An algorithm or a network that knows about as much as a baseline before it is trained, so that its first version, too, is measured on the validation classes and may be the best.</summary>
public interface IStartsNearBaseline;
