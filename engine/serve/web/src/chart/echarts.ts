// The parts of Apache ECharts that this page draws with; nothing else of it is
// built in.
import { CustomChart, LineChart } from "echarts/charts";
import { GraphicComponent, GridComponent, LegendPlainComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([
  CanvasRenderer, CustomChart, GraphicComponent, GridComponent, LegendPlainComponent, LineChart,
  SVGRenderer, TitleComponent, TooltipComponent,
]);

export { init, type EChartsCoreOption, type EChartsType };
