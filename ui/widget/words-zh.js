export default {
  assistant: "智能导购", waiting: "正在转接人工客服", agent: "{}为您服务", withdrawn: "{}撤回了消息", asof: "{} 的数据",
  close: "关闭", fresh: "新对话", send: "发送", stop: "停止", box: "您的消息", hint: "想找什么？也可以查订单",
  note: "价格和库存直接取自店铺记录。", hello: "您好！有什么可以帮您？",
  you: "您", team: "人工客服", openers: "可以这样问", next: "还可以问", products: "商品",
  compare: "对比这几款", add: "加入购物车", choose: "选择规格", adding: "正在加入…",
  added: "已加入购物车", refused: "没有成功，请到商品页操作。", instock: "有货",
  sold: "缺货", unpriced: "暂无标价", was: "原价 {}", rated: "评分 {}，满分 5 分", sources: "来源", more: "查看全文", good: "有帮助", bad: "没帮助", thinking: "请稍等", stopped: "已停止。",
  person: "可以转人工", records: "根据店铺记录回答。",
  offline: "连接不上店铺，正在重试…", busy: "咨询的人较多，马上回答…", again: "重试",
  accepted: "请稍等…", done: "已办理", confirm: "确认", failed: "我们这边出了点问题，请再试一次。",
};
