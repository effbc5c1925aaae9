using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>One entry of the log.</summary>
/// <param name="At">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="Level">Its level.</param>
/// <param name="Text">Its words.</param>
internal sealed record LogMoment(long At, LogLevel Level, string Text);
